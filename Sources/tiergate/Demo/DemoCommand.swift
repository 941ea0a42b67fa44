import Glibc
import System

extension Command {
    static let demo = Command(
        name: "demo", summary: "see it work: a sample agent, a sample API, the gate between them, and you",
        options: [
            Option(
                name: "--decide", value: "WORD", help: "decide without asking: approve or reject",
                completion: .words(["approve", "reject"])),
            Option(name: "--keep", help: "keep the demonstration's directory, with its journal"),
        ],
        details: """
            Everything runs on this machine and needs no internet: a small API that speaks like Stripe's, an agent that \
            makes three calls to it in a jail, and a gate with the shipped rules. One call passes, one passes and is recorded to \
            be undone, one waits for you. You decide in the same terminal, over the operator socket, as `tiergate \
            approve` does from any other.
            """,
        examples: [
            Example("tiergate demo", "asks you about the call that is held"),
            Example("tiergate demo --decide reject", "says no, and shows what the agent is told"),
        ],
        run: { invocation in
            let decision = invocation.value("--decide")
            guard decision == nil || decision == "approve" || decision == "reject" else {
                return invocation.fail(.usage, "--decide takes approve or reject")
            }
            do {
                return try Demo(invocation.terminal, decision: decision, isKept: invocation.has("--keep")).run()
            } catch {
                return invocation.fail(.failed, "the demonstration stopped: \(error)")
            }
        })

    /// The agent of the demonstration, as a process of its own.
    static let demoAgent = Command(
        name: "demo-agent", summary: "make the demonstration's calls",
        options: [
            Option(name: "--proxy", value: "ADDRESS", help: "the gate, where no jail leads to it"),
            Option(name: "--trust", value: "FILE", help: "whom to trust"),
        ],
        examples: [], isHidden: true,
        run: { invocation in
            let trust = invocation.value("--trust") ?? getenv("SSL_CERT_FILE").map { String(cString: $0) }
            guard let trust else { return invocation.fail(.usage, "--trust or SSL_CERT_FILE is needed") }
            let agent = SampleAgent(proxy: invocation.value("--proxy").flatMap { SocketAddress($0) }, trust: trust)
            do {
                try agent.run { invocation.terminal.print($0) }
                return .ok
            } catch {
                return invocation.fail(.failed, "the agent stopped: \(error)")
            }
        })
}
