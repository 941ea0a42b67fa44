import Calls
import JSON
import Jail
import System

extension Command {
    static let doctor = Command(
        name: "doctor", summary: "look for what is missing or not as it should be, and say how to get it right",
        options: [
            Option(
                name: "--escape",
                help: "try more than a hundred ways out of a jail, and say which are open; nothing else"),
            Option(
                name: "--beside", value: "ACCOUNT",
                help: "with --escape: beside a gate of this account (`tiergate sidecar init`), as whoever runs this"),
            Option(name: "--weaker", help: "with --escape: of a jail without namespaces (`tiergate run --weaker`)"),
        ] + Setting.options + [.socket],
        details: """
            Looks at the settings, rules, state directory, authority, journal, trust store and limits, and at the gate if \
            one is running. Changes nothing. Fails where something would let a call pass that should wait, or would keep \
            the gate from starting; the rest is a warning.
            """,
        examples: [
            Example("tiergate doctor", "your own gate"),
            Example("tiergate doctor --escape", "whether `tiergate run` keeps programs in, on this machine"),
            Example("tiergate doctor --escape --weaker", "and what is open where it cannot have namespaces"),
            Example("tiergate doctor --escape --beside tiergate", "in an agent's container, beside the gate's"),
            Example("tiergate doctor --config /etc/tiergate/tiergate.yaml", "a service"),
            Example("tiergate doctor --json | jq '.checks[] | select(.result == \"failed\")'", "for monitoring"),
        ],
        run: { invocation in
            guard let settings = invocation.settings() else { return .usage }
            if invocation.has("--escape") { return escape(settings, invocation) }
            if let option = ["--weaker", "--beside"].first(where: invocation.has) {
                return invocation.fail(
                    .usage, "\(option) goes with --escape", help: "tiergate doctor --escape \(option)")
            }
            let checks = Examination(settings: settings, gate: invocation.gate(of: settings)).checks
            invocation.isJSON ? printJSON(checks, invocation) : print(checks, invocation)
            return checks.contains { $0.result == .failed } ? .failed : .ok
        })

    private static func escape(_ settings: Settings, _ invocation: Invocation) -> ExitStatus {
        do {
            if let name = invocation.value("--beside") { return besideGate(name, settings, invocation) }
            return try EscapeExamination(settings: settings, invocation: invocation).run() ? .ok : .failed
        } catch let failure as JailFailure {
            return invocation.fail(.failed, failure.message, help: failure.help)
        } catch {
            return invocation.fail(.failed, "the attempts could not be made: \(error)")
        }
    }

    private static func besideGate(_ name: String, _ settings: Settings, _ invocation: Invocation) -> ExitStatus {
        guard let account = Accounts.uid(named: name) else {
            return invocation.fail(
                .usage, "there is no account \(visible(name))",
                help: "--beside takes the gate's: a name, or a uid in digits")
        }
        func port(_ address: SocketAddress?, _ usual: UInt16) -> UInt16 {
            guard case .ip(_, let port)? = address, port != 0 else { return usual }
            return port
        }
        var bait = EscapeAttempts.Bait()
        bait.operatorSocket = settings.operatorSocket
        bait.beside = .init(
            port: port(settings.transparentListen.first, SidecarRules.usualPort),
            namesPort: port(settings.transparentNames.first, SidecarRules.usualNamesPort), account: account)
        return EscapeReport.make(bait, invocation)
    }

    private static func print(_ checks: [Examination.Check], _ invocation: Invocation) {
        let terminal = invocation.terminal
        for check in checks {
            let style: Terminal.Style =
                switch check.result {
                case .ok: .green
                case .warning: .yellow
                case .failed: .red
                }
            terminal.print("\(terminal.styled(check.result.rawValue, style)) \(check.subject): \(check.finding)")
            if let help = check.help { terminal.print("  help: \(help)") }
        }
    }

    private static func printJSON(_ checks: [Examination.Check], _ invocation: Invocation) {
        invocation.terminal.print(
            json: JSONWriter.object { document in
                document.field("ok", !checks.contains { $0.result == .failed })
                document.array("checks") { array in
                    for check in checks {
                        array.object {
                            $0.field("subject", check.subject)
                            $0.field("result", check.result.rawValue)
                            $0.field("finding", check.finding)
                            $0.field("help", check.help)
                        }
                    }
                }
            })
    }
}
