import Calls
import JSON
import Operators
import System

extension Command {
    static let reject = Command(
        name: "reject", summary: "refuse held calls, with a reason that the agent is told",
        operands: [.holds],
        options: [
            Option(name: "--reason", value: "TEXT", help: "why; the agent reads it, and acts on it"),
            Option(name: "--suggest", value: "TEXT", help: "what would be accepted; the agent reads it too"),
            Option(
                name: "--suggest-patch", value: "FILE",
                help: "the same as a JSON Patch (RFC 6902) of the call's body, for an agent that applies it"),
            .sign, .key, .signer, .digest, .socket,
        ],
        details: """
            A rejection sticks: the identical call gets the same answer, with the reason, until `tiergate reopen`. Say \
            what would be accepted, or the agent looks for another way.
            """,
        examples: [
            Example(
                "tiergate reject h_4v7k2m9qx3rd --reason 'refund 20 USD at most'", "the agent is told so, and goes on"),
            Example(
                "tiergate reject h_4v7k2m9qx3rd --reason 'too much' --suggest 'at most 20 USD' --suggest-patch less.json",
                "less.json: [{\"op\": \"replace\", \"path\": \"/amount\", \"value\": 2000}]"),
        ],
        run: { invocation in
            guard let reason = invocation.value("--reason") else {
                return invocation.fail(
                    .usage, "--reason is missing", help: "the agent is told it: say what would be accepted")
            }
            var patch: JSONDocument?
            if let path = invocation.value("--suggest-patch") {
                do {
                    patch = try JSONDocument.parse(try Files.read(path, limit: RejectCommand.longestPatch))
                } catch {
                    return invocation.fail(.usage, "\(visible(path)) is not read as JSON: \(error)")
                }
            }
            let (suggestion, suggestedPatch) = (invocation.value("--suggest"), patch)
            return DecisionRun(invocation: invocation, action: .reject) {
                gate, id, digest throws(OperatorFailure) in
                let signature = try Signing(invocation)?.sign(
                    gate, id, digest, ApprovalText.Words.reject, reason: reason)
                return try gate.reject(
                    id, digest: digest, reason: reason, suggestion: suggestion, patch: suggestedPatch,
                    signature: signature)
            }.run()
        })
}

private enum RejectCommand {
    /// Bytes of a patch's file; the gate takes less, and says so.
    static let longestPatch = 64 << 10
}
