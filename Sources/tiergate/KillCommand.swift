import JSON
import Operators

extension Command {
    static let kill = Command(
        name: "kill", summary: "stop everything, an agent or a session at once: no call passes any more",
        operands: [.scope(isRequired: false)], options: [.stopReason, .socket],
        details: """
            From that moment on every call of the scope is refused with 403, reading included; what waits is over and will \
            not be sent, and connections are closed. A call that had left before is on its way: how it ends is recorded. \
            It outlives a restart, and only `tiergate resume` lifts it.

            Without this program: `kill -USR2` the gate, or make a file `kill` in its state directory; both stop \
            everything, and while the file is there nothing can be resumed.
            """,
        examples: [
            Example("tiergate kill", "everything, now"),
            Example("tiergate kill agent:local --reason 'it deletes what it should not'", "one agent"),
        ],
        run: { $0.change(.kill) })
}

extension Command.Option {
    static let stopReason = Command.Option(
        name: "--reason", value: "TEXT", help: "why, for the journal and other operators; agents are not told")
}

extension Command.Operand {
    static func scope(isRequired: Bool) -> Command.Operand {
        Command.Operand(
            name: "SCOPE",
            help: "everything, agent:NAME or session:ID" + (isRequired ? "" : "; without one everything"),
            isRequired: isRequired, completion: .words(["everything", "agent:", "session:"]))
    }
}

extension Invocation {
    /// Sets or lifts the kill switch, and says what is so now.
    func change(_ action: StopAction) -> ExitStatus {
        asking { gate throws(OperatorFailure) in
            let report = try gate.change(action, operands.first ?? "everything", reason: value("--reason"))
            if isJSON {
                terminal.print(json: JSONWriter.object(report.write))
            } else {
                var screen = Screen(terminal)
                screen.add(report, after: action)
                terminal.print(screen.text)
                for warning in report.warnings { terminal.warn(warning) }
            }
            return .ok
        }
    }
}

extension Screen {
    fileprivate mutating func add(_ report: StopReportView, after action: StopAction) {
        advisory(report.weakness)
        if let stop = report.stop {
            switch action {
            case .resume: text("\(stop.scope) goes on. It \(stop.happened).", style: .green)
            case .kill, .freeze: text("\(stop.scope) is \(stop.state).", style: .green)
            }
        }
        if action == .kill {
            text("\(counted(report.killed, "hold")) that waited will not be sent.")
            if !report.sending.isEmpty {
                text(
                    "Being sent at that moment: \(report.sending.joined(separator: ", ")); `tiergate show` says how it ends."
                )
            }
        }
        let others = report.stops.filter { $0 != report.stop }
        if action == .resume, !others.isEmpty { stops(others) }
    }

    /// What is stopped, where something is: above everything else.
    mutating func stops(_ stops: [StopView]) {
        guard !stops.isEmpty else { return }
        for stop in stops {
            text("\(stop.state.uppercased()): \(stop.sentence).", style: .red)
        }
        text("`tiergate resume SCOPE --reason TEXT` lets it go on.", style: .dim)
        line()
    }
}
