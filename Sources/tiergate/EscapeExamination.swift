import Glibc
import Jail
import System

/// Runs the attempts to get out of a jail in one that is made as `tiergate run` makes it, and says what is open.
struct EscapeExamination {
    let settings: Settings
    let invocation: Invocation

    /// Returns whether everything is closed.
    func run() throws -> Bool {
        let account = try RunAccount(named: nil, sudo: getenv("SUDO_UID").map { String(cString: $0) })
        let own = invocation.has("--weaker") ? try OwnDirectory(for: account) : nil
        defer { own?.remove() }
        let bait = try EscapeBait(allowsNamespaces: false, owner: account.ofJail, isOutside: own != nil)
        let executable = invocation.terminal.environment.executable
        var words = [executable, "escape-attempts"]
        for (name, value) in EscapeExamination.options(of: bait.bait) { words.append("--\(name)=\(value)") }
        if invocation.isJSON { words.append("--json") }
        var settings = JailSettings(self.settings, account, invocation)
        settings.command = words.map { Array($0.utf8) }
        settings.directory = bait.project
        settings.kept += bait.kept
        if let own {
            settings.weakerIn = own.path
            settings.environment = ProgramEnvironment.inherited(
                replacing: account.variables.filter { $0.name != "HOME" } + own.variables(of: []))
        }
        settings.shares.append(.init(path: executable, isReadOnly: true))
        let jail = try Jail.start(settings)
        // Stands in for the gate: what is intercepted comes here and is closed.
        try WorkerThread.spawn("stand-in") { EscapeExamination.accept(jail.listeners) }
        try bait.serve()
        jail.go()
        var failure: JailFailure?
        events: while true {
            switch jail.next() {
            case .ended: break events
            case .failed(let reason): failure = reason
            case .ready, .stopped: continue
            }
        }
        let status = jail.status()
        if let failure { throw failure }
        if !invocation.isJSON { tell(bait, isWeaker: own != nil) }
        return status == 0 && bait.visits == 0
    }

    private func tell(_ bait: EscapeBait, isWeaker: Bool) {
        let terminal = invocation.terminal
        if bait.visits > 0 { terminal.print("OPEN    \(bait.visits) visits came to services outside") }
        terminal.print("")
        terminal.print("Not covered by any jail, and for you to know:")
        for line in (isWeaker ? EscapeExamination.weaker : []) + [
            "files that the program leaves in its project and somebody runs outside later (hooks, makefiles)",
            "sockets that programs outside make in shared directories while it runs, if they let it in",
            "standard streams that are sockets or terminals of others (a pipe is none)",
        ] {
            terminal.print("  - \(line)")
        }
    }

    private static let weaker = [
        "without namespaces names, sizes and dates of files can be seen, and modes and dates of your own be changed",
        "without namespaces every process of the machine can be seen",
    ]

    private static func accept(_ listeners: Jail.Listeners) {
        var watched = (listeners.streams + listeners.nameStreams).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while poll(&watched, nfds_t(watched.count), -1) >= 0 {
            for entry in watched where entry.revents != 0 {
                let visitor = Glibc.accept(entry.fd, nil, nil)
                if visitor >= 0 { close(visitor) }
            }
        }
    }

    // MARK: The bait as options of `escape-attempts`

    static func options(of bait: EscapeAttempts.Bait) -> [(String, String)] {
        [
            ("port4", "\(bait.port4)"), ("port6", "\(bait.port6)"), ("address4", "\(bait.address4)"),
            ("process", "\(bait.process)"), ("namespaces", bait.allowsNamespaces ? "1" : "0"),
            ("abstract", bait.abstractName), ("passing-socket", bait.passingSocket),
            ("passing-file", bait.passingFile), ("project-socket", bait.projectSocket),
            ("operator-socket", bait.operatorSocket), ("key", bait.key), ("rules", bait.rules),
            ("terminal", bait.terminal),
        ]
    }

    static func bait(_ invocation: Invocation) -> EscapeAttempts.Bait {
        func number<T: FixedWidthInteger>(_ name: String) -> T { invocation.value("--\(name)").flatMap { T($0) } ?? 0 }
        func text(_ name: String) -> String { invocation.value("--\(name)") ?? "" }
        var bait = EscapeAttempts.Bait()
        bait.port4 = number("port4")
        bait.port6 = number("port6")
        bait.address4 = number("address4")
        bait.process = number("process")
        bait.allowsNamespaces = number("namespaces") == 1
        bait.abstractName = text("abstract")
        bait.passingSocket = text("passing-socket")
        bait.passingFile = text("passing-file")
        bait.projectSocket = text("project-socket")
        bait.operatorSocket = text("operator-socket")
        bait.key = text("key")
        bait.rules = text("rules")
        bait.terminal = text("terminal")
        return bait
    }
}
