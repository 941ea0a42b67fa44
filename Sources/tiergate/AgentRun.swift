import Calls
import Crypto
import Glibc
import Jail
import Operators
import Proxy
import System

/// A program in a jail, and the gate that is its only way out, in one process.
struct AgentRun {
    private let settings: Settings
    private let invocation: Invocation
    private let session: SessionID
    private let jail: JailSettings
    private let signals: JobSignals
    /// With --weaker: the program's home.
    private let own: OwnDirectory?

    init(_ settings: Settings, _ invocation: Invocation) throws {
        self.settings = settings
        self.invocation = invocation
        // Before anything is started, which changes what is ignored.
        signals = try JobSignals()
        let command = AgentRun.arguments(invocation.operands.count)
        session = try AgentRun.session(invocation.value("--session"), command)
        let environment = invocation.terminal.environment
        let account = try RunAccount(
            named: invocation.value("--user"), sudo: getenv("SUDO_UID").map { String(cString: $0) })
        guard !(invocation.has("--weaker") && invocation.has("--allow-userns")) else {
            throw JailFailure(
                "--weaker and --allow-userns do not go together",
                help: "where namespaces can be made no weaker way is needed: leave --weaker away")
        }
        own = invocation.has("--weaker") ? try OwnDirectory(for: account) : nil
        let home = own?.path ?? (account.isOther ? account.home ?? "/tmp" : environment.home)
        let trust: RunTrust
        do {
            trust = try RunTrust(settings, home: home, in: own?.trust)
            try own?.put(trust.files)
        } catch {
            own?.remove()
            throw error
        }
        var jail = JailSettings(settings, account, invocation)
        jail.command = command
        jail.environment = ProgramEnvironment.inherited(replacing: account.variables + trust.variables)
        jail.shares = invocation.values("--share").map { JailSettings.Share($0) }
        jail.allowsNamespaces = invocation.has("--allow-userns")
        if let own {
            jail.weakerIn = own.path
            jail.environment = ProgramEnvironment.inherited(
                replacing: account.variables.filter { $0.name != "HOME" } + own.variables(of: trust.variables))
        } else {
            jail.files = trust.files
            jail.substitutes = trust.substitutes
        }
        self.jail = jail
    }

    /// The words after `--` as they came: a file's name need not be UTF-8. They are the last ones, because the parser
    /// takes none for the program before.
    private static func arguments(_ count: Int) -> [[UInt8]] {
        let first = Int(CommandLine.argc) - count
        return (first..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { word in
                UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
            }
        }
    }

    private static func session(_ name: String?, _ command: [[UInt8]]) throws(JailFailure) -> SessionID {
        guard let name else {
            let program = String(decoding: command.first?.split(separator: 0x2F).last ?? [], as: UTF8.self)
            let word = String(program.unicodeScalars.filter(AgentRun.isPlain).prefix(32).map(Character.init))
            return SessionID("\(word.isEmpty ? "program" : word)/\(hexadecimal(SecureRandom.bytes(4)))")
        }
        guard (1...64).contains(name.unicodeScalars.count),
            name.unicodeScalars.allSatisfy({ AgentRun.isPlain($0) || $0 == "/" })
        else {
            throw JailFailure(
                "--session takes up to 64 letters, digits and -._/", help: "operators see it, and rules may name it")
        }
        return SessionID(name)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._".unicodeScalars.contains(scalar))
    }

    // MARK: From start to end

    /// Returns the exit status.
    func run() throws -> Int32 {
        var control = JobControl()
        // Before the gate opens its store and its keys: the jail's first process has a copy of this one's memory.
        defer { own?.remove() }
        let jail = try Jail.start(self.jail, signals, takesTerminal: control.lendsAtOnce)
        tell(jail)
        let gate: RunGate
        do {
            gate = try RunGate.serve(jail, settings, as: session, signals, invocation)
        } catch {
            control.takeBack()
            throw error
        }
        let failure = watch(jail, signals, &control, gate)
        let status = jail.status()
        control.takeBack()
        gate.stop()
        guard let failure else { return status }
        throw failure
    }

    private func tell(_ jail: Jail) {
        let terminal = invocation.terminal
        if own != nil {
            terminal.warn(
                "the weaker way: no namespaces are around this program, only system call filters and Landlock; "
                    + "`tiergate help run` says what that does not protect from")
        }
        if case .ports(let ports) = jail.interception {
            terminal.warn(
                "this kernel has no packet rules for a jail (nf_tables, tproxy): only the ports "
                    + "\(ports.map(String.init).joined(separator: ", ")) lead to the gate, all others are refused")
        }
        guard isatty(STDERR_FILENO) == 1 else { return }
        terminal.note("tiergate: session \(session); held calls: tiergate held --socket \(settings.operatorSocket)")
        if jail.isWithoutProject {
            terminal.note("tiergate: this directory is hidden from the program; start it in a project's")
        }
    }

    /// Until nobody is left in the jail.
    private func watch(
        _ jail: Jail, _ signals: JobSignals, _ control: inout JobControl, _ gate: RunGate
    ) -> JailFailure? {
        var failure: JailFailure?
        var watched = [
            pollfd(fd: jail.control, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: gate.ended, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&watched, 3, -1) > 0 else { continue }
            if watched[0].revents != 0 {
                switch jail.next() {
                case .ready: break
                case .stopped(let signal): control.stopped(by: signal, jail)
                case .failed(let reason): failure = reason
                case .ended: return failure
                }
            } else if watched[2].revents != 0 {
                // Nothing can be judged any more: the program goes with its gate.
                watched[2].fd = -1
                failure = JailFailure("the gate ended, and the program with it: \(gate.failure)")
                jail.end()
            } else if watched[1].revents != 0, let signal = signals.next() {
                jail.signal(signal)
                // As the kernel does where a terminal is gone: what is stopped has to hear it too.
                if signal == SIGHUP { jail.resume() }
            }
        }
    }
}
