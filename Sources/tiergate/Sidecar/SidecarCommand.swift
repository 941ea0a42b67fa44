import JSON
import System

extension Command {
    static let sidecarInit = Command(
        name: "sidecar init", summary: "lead an agent's traffic to the gate beside it, by packet rules",
        options: [
            Option(
                name: "--uid", value: "ACCOUNT",
                help: "the gate's account, whose packets leave as they are (default \(SidecarRules.usualAccount))"),
            Option(
                name: "--variant", value: "KIND",
                help: "redirect (the default), tproxy, or host: the agent has a network namespace of its own",
                completion: .words(SidecarRules.Variant.allCases.map(\.rawValue))),
            Option(
                name: "--port", value: "PORT", help: "of transparent.listen (default \(SidecarRules.usualPort))"),
            Option(
                name: "--names-port", value: "PORT",
                help: "of transparent.names (default \(SidecarRules.usualNamesPort))"),
            Option(
                name: "--interface", value: "NAME",
                help: "the link to the agent (host; default agent0), or to the world (--agent-uid; default eth0)"),
            Option(
                name: "--agent-uid", value: "ACCOUNT",
                help: "no packet of this account leaves, raw frames included; it cannot be a server then",
                repeats: true),
            Option(name: "--print", help: "print the rules, and do nothing else"),
        ],
        details: """
            For an init container, or once when a machine starts: rules of nftables that redirect every TCP connection \
            and every question for a name to `tiergate serve --transparent`, and reject what is neither. The gate's own \
            account is left alone; every other one is an agent's. It needs NET_ADMIN in the network namespace of the agent, and the program nft (variant tproxy: and ip).
            """,
        examples: [
            Example("tiergate sidecar init", "the gate will run as uid \(SidecarRules.usualAccount)"),
            Example("tiergate sidecar init --uid tiergate --agent-uid 1101", "with a belt against raw frames of 1101"),
            Example(
                "tiergate sidecar init --variant host --interface pa1 --print | nft -c -f -", "looked at, not applied"),
        ],
        run: { invocation in
            do throws(UsageError) {
                let rules = try SidecarRules(invocation)
                if invocation.has("--print") {
                    if invocation.isJSON {
                        invocation.terminal.print(json: rules.document)
                    } else {
                        invocation.terminal.print(String(rules.text.dropLast()))
                    }
                    return .ok
                }
                return apply(rules, invocation)
            } catch {
                invocation.terminal.fail(error.message, help: error.help)
                return .usage
            }
        })

    private static func apply(_ rules: SidecarRules, _ invocation: Invocation) -> ExitStatus {
        do throws(IOError) {
            let status = try SystemProgram.run("nft", ["-f", "-"], input: rules.text)
            guard status == 0 else {
                return invocation.fail(
                    .failed,
                    "nft has not taken the rules (status \(status)): it needs NET_ADMIN and a kernel with nf_tables")
            }
            for words in rules.routes {
                let status = try SystemProgram.run("ip", words, input: nil, isQuiet: words.contains("del"))
                guard status == 0 || words.contains("del") else {
                    return invocation.fail(.failed, "`ip \(words.joined(separator: " "))` ended with status \(status)")
                }
            }
        } catch {
            return invocation.fail(
                .failed, "\(error); the distribution's packages nftables and iproute2 have nft and ip")
        }
        if !invocation.isJSON {
            invocation.terminal.note(
                "every account but uid \(rules.gate) now reaches the gate on port \(rules.port), and nothing else")
        } else {
            invocation.terminal.print(json: rules.document)
        }
        return .ok
    }
}

extension SidecarRules {
    fileprivate init(_ invocation: Invocation) throws(UsageError) {
        self.init()
        if let name = invocation.value("--uid") { gate = try SidecarRules.account(name, "--uid") }
        if let text = invocation.value("--variant") {
            guard let known = Variant(rawValue: text) else {
                throw UsageError(message: "there is no variant \(text)", help: "redirect, tproxy or host")
            }
            variant = known
        }
        if let text = invocation.value("--port") { port = try SidecarRules.port(text, "--port") }
        if let text = invocation.value("--names-port") { namesPort = try SidecarRules.port(text, "--names-port") }
        if let name = invocation.value("--interface") {
            // What the kernel allows in a name, without what would end the quotes that it stands in.
            guard 1...15 ~= name.utf8.count,
                name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x2F && $0 != 0x5C })
            else { throw UsageError(message: "--interface is no name of one", help: "for example eth0") }
            interface = name
        }
        for name in invocation.values("--agent-uid") { agents.append(try SidecarRules.account(name, "--agent-uid")) }
        guard !agents.contains(gate) else {
            throw UsageError(
                message: "the gate and an agent have the same account",
                help: "give the agent another one: --agent-uid 1101")
        }
    }

    private static func account(_ name: String, _ option: String) throws(UsageError) -> UInt32 {
        guard let uid = Accounts.uid(named: name) else {
            throw UsageError(
                message: "\(option): there is no account \(name)", help: "a name of `getent passwd`, or a uid")
        }
        guard uid != 0 else {
            throw UsageError(
                message: "\(option): root is no account for this",
                help: "programs of root can change the rules themselves")
        }
        return uid
    }

    private static func port(_ text: String, _ option: String) throws(UsageError) -> UInt16 {
        guard let port = UInt16(text), port > 0 else {
            throw UsageError(message: "\(option): \(text) is no port", help: "1 to 65535")
        }
        return port
    }

    fileprivate var document: [UInt8] {
        JSONWriter.object { document in
            document.field("variant", variant.rawValue)
            document.field("rules", text)
            document.array("routes", routes.map { "ip " + $0.joined(separator: " ") })
        }
    }
}
