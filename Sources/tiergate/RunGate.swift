import Audit
import Calls
import Glibc
import Jail
import Operators
import Proxy
import System

/// The gate of a run: one of its own in this process, or one that runs already with the same state.
enum RunGate {
    case own(RunningGate)
    /// The connection over which it has the jail's listeners.
    case joined(CInt)

    /// Readable once it has ended.
    var ended: CInt {
        switch self {
        case .own(let gate): gate.ended
        case .joined(let connection): connection
        }
    }

    /// Why it ended.
    var failure: String {
        switch self {
        case .own(let gate): gate.failure ?? "it was told to"
        case .joined: "it is gone, or was told to"
        }
    }

    /// The program is gone.
    func stop() {
        switch self {
        case .own(let gate): gate.stop()
        case .joined(let connection): close(connection)
        }
    }

    /// Joins the gate that runs with this state, or opens one; the program starts as soon as nothing is likely to fail.
    static func serve(
        _ jail: Jail, _ settings: Settings, as session: SessionID, _ signals: JobSignals, _ invocation: Invocation
    ) throws -> RunGate {
        guard Journal.isKept(in: settings.journalDirectory) else {
            return try open(jail, settings, as: session, signals)
        }
        guard jail.supervisor == nil else {
            throw JailFailure(
                "a gate has the state directory \(settings.state) already, and --weaker needs one of its own",
                help: "give this run a --state of its own")
        }
        guard let connection = JailOffer.connect(to: settings.state) else {
            throw JailFailure(
                "another run's gate has the state directory \(settings.state)",
                help: "for several at once start `tiergate serve`, which they join, or give each a --state of its own")
        }
        let known = ["--config", "--state", "--operator.socket"]
        if let option = invocation.options.first(where: { option in
            Setting.options.contains { $0.name == option.name } && !known.contains(option.name)
        }) {
            throw JailFailure(
                "a gate runs with \(settings.state) already, and its settings hold: \(option.name) would do nothing",
                help: "leave it away, or give this run a --state of its own")
        }
        try JailOffer(
            session: session.description, autonomy: invocation.value("--autonomy") ?? "", listeners: jail.listeners
        ).send(over: connection)
        jail.go()
        return .joined(connection)
    }

    private static func open(
        _ jail: Jail, _ settings: Settings, as session: SessionID, _ signals: JobSignals
    ) throws -> RunGate {
        // What is wrong with a gate is nearly always its rules: those that never were loaded are, before the program starts.
        // The rest takes longer than it may wait: what it calls meanwhile is kept by the kernel, and if there is no gate
        // after all, there is no program either.
        let known = KnownRules(settings)
        let watch = RuleWatch(settings.rules)
        let rules = known.areGood ? nil : try GateAssembly.rules(settings.rules)
        jail.go()
        do {
            let process = try GateProcess(settings, boundary: .enforced, rules: (rules, watch))
            let taken = try InterceptedListeners(
                jail.supervisor == nil ? .transparent : .supervised, of: .session(session),
                adopting: jail.listeners.streams, datagrams: jail.listeners.datagrams,
                nameStreams: jail.listeners.nameStreams, destination: { jail.supervisor?.destination(from: $0) })
            _ = process.assembly.server.intercept(taken)
            let gate = try RunningGate(process, kill: signals.kill)
            try gate.start()
            known.remember()
            return .own(gate)
        } catch {
            jail.end()
            _ = jail.status()
            throw JailFailure("the gate cannot be opened, and the program was ended at its start: \(error)")
        }
    }
}
