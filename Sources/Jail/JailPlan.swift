import CSystem
import Glibc

/// Everything that the helper does from fork to exec, decided before the fork.
struct JailPlan: Sendable {
    /// Where connections to other addresses come in; a server of the program's own cannot have it.
    static let port: UInt16 = 15001
    /// Namespaces of each kind that a program may have at once where it may make any (`--allow-userns`).
    static let namespaceLimit = 64

    let steps: [JailStep]
    let view: JailView
    fileprivate let settings: JailSettings
    private let account: JailSettings.Account
    private let filter: [FilterInstruction]
    private let files: FileRights?

    init(_ settings: JailSettings) throws(JailFailure) {
        self.settings = settings
        view = try JailView(settings)
        account = settings.account ?? .init(uid: geteuid(), gid: getegid())
        guard account.uid != 0 else {
            throw JailFailure("root cannot be put into a jail", help: "name somebody with --user")
        }
        do throws(FilterAssembler.Mistake) {
            filter = try SystemCallFilter(
                allowsNamespaces: settings.allowsNamespaces, isSupervised: settings.weakerIn != nil
            ).program()
        } catch {
            throw JailFailure("the system call filter cannot be put together: \(error)")
        }
        if let directory = settings.weakerIn {
            steps = []
            files = try FileRights(view, settings, passing: directory)
        } else {
            steps = JailPlan.network(settings.interception) + view.steps
            files = nil
        }
    }

    /// How many listeners of each kind `network` makes, in its order.
    static func streams(_ interception: JailSettings.Interception) -> Int {
        let families = hasIPv6 ? 2 : 1
        return switch interception {
        case .everyPort: families
        case .ports(let ports): families * ports.count
        }
    }

    static let hasIPv6: Bool = {
        let probe = socket(AF_INET6, CInt(SOCK_DGRAM.rawValue), 0)
        guard probe >= 0 else { return false }
        close(probe)
        return true
    }()

    private static func network(_ interception: JailSettings.Interception) -> [JailStep] {
        var steps: [JailStep] = [
            .netlink(.routes, Routes.interface), .netlink(.routes, Routes.everyAddress4),
        ]
        // Switched off (sysctl), addresses of this family lead nowhere, which is as good.
        if hasIPv6 { steps.append(.optional(.netlink(.routes, Routes.everyAddress6))) }
        let stream = CInt(SOCK_STREAM.rawValue)
        let ports: [UInt16]
        switch interception {
        case .everyPort:
            steps.append(.netlink(.packetRules, PacketRules.intercepting(to: port)))
            ports = [port]
        case .ports(let listed): ports = listed
        }
        for port in ports { steps += listeners(stream, port) }
        steps += listeners(CInt(SOCK_DGRAM.rawValue), 53)
        steps += listeners(stream, 53)
        return steps + [.handOver]
    }

    private static func listeners(_ type: CInt, _ port: UInt16) -> [JailStep] {
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_port = port.bigEndian
        var steps = [JailStep.listen(type: type, address: withUnsafeBytes(of: four) { Array($0) })]
        if hasIPv6 {
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            steps.append(.listen(type: type, address: withUnsafeBytes(of: six) { Array($0) }))
        }
        return steps
    }

    /// As the helper reads it.
    func form(in memory: PlanMemory, takesTerminal: Bool, ignored: UInt64) -> tg_jail_plan {
        var plan = tg_jail_plan()
        plan.steps = memory.keep(steps.map { $0.form(in: memory) })
        plan.step_count = steps.count
        plan.drops = settings.account == nil ? 0 : 1
        plan.uid = account.uid
        plan.gid = account.gid
        plan.outer_uids = memory.keep("0 \(account.uid) 1")
        plan.outer_gids = memory.keep("0 \(account.gid) 1")
        plan.inner_uids = memory.keep("\(account.uid) 0 1")
        plan.inner_gids = memory.keep("\(account.gid) 0 1")
        plan.filter = memory.keep(filter.map { sock_filter(code: $0.code, jt: $0.then, jf: $0.otherwise, k: $0.value) })
        plan.filter_count = filter.count
        // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and _SIGNAL, from version 6 on.
        plan.landlock_scopes = tg_landlock_version() >= 6 ? 3 : 0
        if let files {
            plan.is_weaker = 1
            plan.paths = memory.keep(
                files.paths.map { tg_jail_path(path: memory.keep($0.path), rights: $0.rights.rawValue) })
            plan.path_count = files.paths.count
            plan.landlock_files = FileRights.handled.rawValue
            // LANDLOCK_ACCESS_NET_CONNECT_TCP, from version 4 on: the gate connects, and nobody else.
            plan.landlock_network = tg_landlock_version() >= 4 ? 2 : 0
        }
        plan.directory = memory.keep(directory)
        let words = settings.command.map { memory.keep(text: $0) }
        plan.candidates = UnsafePointer(memory.keep(words: candidates.map { memory.keep(text: $0) }))
        plan.arguments = UnsafePointer(memory.keep(words: words))
        plan.shell_arguments = memory.keep(words: [memory.keep("/bin/sh"), nil] + words.dropFirst().map(Optional.some))
        plan.environment = UnsafePointer(memory.keep(words: settings.environment.map { memory.keep(text: $0) }))
        plan.ignored = ignored
        plan.takes_terminal = takesTerminal ? 1 : 0
        return plan
    }

    /// Where the program may be, as execvp looks for it.
    private var candidates: [[UInt8]] {
        guard let name = settings.command.first, !name.isEmpty else { return [] }
        if name.contains(0x2F) { return [name] }
        let prefix = Array("PATH=".utf8)
        let path = settings.environment.first { $0.starts(with: prefix) }.map { Array($0.dropFirst(prefix.count)) }
        return (path ?? Array("/usr/local/bin:/usr/bin:/bin".utf8))
            .split(separator: 0x3A, omittingEmptySubsequences: false)
            .map { ($0.isEmpty ? [0x2E] : Array($0)) + [0x2F] + name }
    }
}

extension JailPlan {
    /// Where the program begins; without its project in a place where nothing is.
    var directory: String { view.isWithoutProject ? settings.weakerIn ?? "/tmp" : settings.directory }

    var programName: String { settings.command.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Where the program is outside, though not in the jail.
    var programOutside: String? {
        candidates.map { String(decoding: $0, as: UTF8.self) }.first { access($0, X_OK) == 0 && !view.shows($0) }
    }
}
