import JSON
import Jail

extension Command {
    static let doctor = Command(
        name: "doctor", summary: "look for what is missing or not as it should be, and say how to get it right",
        options: [
            Option(
                name: "--escape",
                help: "try more than a hundred ways out of a jail, and say which are open; nothing else")
        ] + Setting.options + [.socket],
        details: """
            Looks at the settings, rules, state directory, authority, journal, trust store and limits, and at the gate if \
            one is running. Changes nothing. Fails where something would let a call pass that should wait, or would keep \
            the gate from starting; the rest is a warning.
            """,
        examples: [
            Example("tiergate doctor", "your own gate"),
            Example("tiergate doctor --escape", "whether `tiergate run` keeps programs in, on this machine"),
            Example("tiergate doctor --config /etc/tiergate/tiergate.yaml", "a service"),
            Example("tiergate doctor --json | jq '.checks[] | select(.result == \"failed\")'", "for monitoring"),
        ],
        run: { invocation in
            guard let settings = invocation.settings() else { return .usage }
            if invocation.has("--escape") { return escape(settings, invocation) }
            let checks = Examination(settings: settings, gate: invocation.gate(of: settings)).checks
            invocation.isJSON ? printJSON(checks, invocation) : print(checks, invocation)
            return checks.contains { $0.result == .failed } ? .failed : .ok
        })

    private static func escape(_ settings: Settings, _ invocation: Invocation) -> ExitStatus {
        do {
            return try EscapeExamination(settings: settings, invocation: invocation).run() ? .ok : .failed
        } catch let failure as JailFailure {
            return invocation.fail(.failed, failure.message, help: failure.help)
        } catch {
            return invocation.fail(.failed, "the attempts could not be made: \(error)")
        }
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
