import Glibc
import System

/// What a program in a jail sees of the files: everything read-only, its project read-write, private places empty.
struct JailView: Sendable {
    /// While it is put together, where the machine's own root is and where the jail's is made.
    static let old = "/old"
    static let new = "/new"

    /// Directories for everybody's passing files and sockets.
    private static let passing = [("/tmp", "1777"), ("/run", "755"), ("/var/tmp", "1777")]

    private static let nosuid = UInt(MS_NOSUID)
    private static let quiet = UInt(MS_NOSUID | MS_NODEV)
    // MOUNT_ATTR_RDONLY, _NOSUID
    private static let readOnly: UInt64 = 1 | 2

    private let settings: JailSettings
    /// Places that are empty in the jail, with their permissions.
    private(set) var hidden: [(path: String, mode: String)] = []
    private(set) var shares: [JailSettings.Share] = []
    /// The project is not shown, because with it something hidden would be.
    private(set) var isWithoutProject = false
    /// Places in what is shown that are empty all the same.
    private var emptied: [String] = []
    private(set) var steps: [JailStep] = []

    init(_ settings: JailSettings) throws(JailFailure) {
        self.settings = settings
        hide()
        try choose()
        try layOut()
    }

    /// Whether a path of this machine shows in the jail as it is outside.
    func shows(_ path: String) -> Bool {
        if emptied.contains(where: { Paths.contains($0, path) }) { return false }
        if shares.contains(where: { Paths.contains($0.path, path) }) { return true }
        return !hidden.contains { Paths.contains($0.path, path) }
            && !["/dev", "/proc", "/sys"].contains { Paths.contains($0, path) }
    }

    private mutating func hide() {
        for (path, mode) in JailView.passing + settings.homes.map({ ($0, "700") }) {
            guard let real = Paths.real(path), Paths.isDirectory(real), real != "/" else { continue }
            if !hidden.contains(where: { $0.path == real }) { hidden.append((real, mode)) }
        }
        hidden.sort { $0.path.utf8.count < $1.path.utf8.count }
    }

    private func wouldShowHidden(_ path: String) -> Bool {
        path == "/" || hidden.contains { Paths.contains(path, $0.path) }
            || ["/dev", "/proc", "/sys"].contains { Paths.contains($0, path) || Paths.contains(path, $0) }
    }

    private mutating func choose() throws(JailFailure) {
        for share in settings.shares {
            guard let real = Paths.real(share.path) else {
                throw JailFailure("there is no \(share.path) to share", help: "--share takes a file or a directory")
            }
            guard !wouldShowHidden(real) else {
                throw JailFailure(
                    "\(real) cannot be shared: that would show what a jail hides (home, /tmp, /run, devices)",
                    help: "share what the program needs of it, not the whole")
            }
            shares.append(.init(path: real, isReadOnly: share.isReadOnly))
        }
        isWithoutProject = wouldShowHidden(settings.directory)
        if !isWithoutProject { shares.append(.init(path: settings.directory, isReadOnly: false)) }
        // An inner one is mounted over its outer one.
        shares.sort { $0.path.utf8.count < $1.path.utf8.count }
        for file in settings.deciding.map(Paths.realOrFuture) {
            if let share = shares.first(where: { !$0.isReadOnly && Paths.contains($0.path, file) }) {
                throw JailFailure(
                    "\(file) says who decides, and is inside \(share.path), which the program may write",
                    help: "keep it elsewhere, beside the settings of a service or in your own configuration directory")
            }
        }
        for kept in settings.kept.map(Paths.realOrFuture) {
            if let share = shares.first(where: { Paths.contains(kept, $0.path) }) {
                throw JailFailure(
                    "\(share.path) is inside \(kept), which no program in a jail may reach",
                    help: "start it in another directory, or put state, rules and operator socket elsewhere")
            }
        }
    }

    // MARK: Steps

    private mutating func layOut() throws(JailFailure) {
        let passing = Paths.real("/tmp") ?? "/tmp"
        add(.mount(nil, on: "/", flags: UInt(MS_SLAVE) | UInt(MS_REC)))
        add(.mount("tmpfs", on: passing, type: "tmpfs", flags: JailView.quiet, data: "mode=755"))
        add(.directory(passing + JailView.old, mode: 0o755))
        add(.directory(passing + JailView.new, mode: 0o755))
        add(.pivot(to: passing, old: passing + JailView.old))
        add(.mount(JailView.old, on: JailView.new, flags: UInt(MS_BIND) | UInt(MS_REC)))
        add(.attributes(JailView.new, JailView.readOnly))
        for (path, mode) in hidden {
            makeWay(to: path)
            empty(path, mode: mode)
        }
        addDevices()
        addKernelFiles()
        for share in shares { try show(share) }
        addNameFiles()
        try keepAway()
        for file in settings.files {
            makeWay(to: Paths.parent(file.path))
            add(.file(JailView.new + file.path, mode: 0o444, file.content))
        }
        for substitute in settings.substitutes {
            let target = JailView.new + substitute.target
            add(.mount(JailView.new + substitute.path, on: target, flags: UInt(MS_BIND)))
            add(.attributes(target, JailView.readOnly))
        }
        try maskSockets()
        add(.detach(JailView.old))
        add(.pivot(to: JailView.new, old: JailView.new + passing))
        add(.detach(passing))
    }

    private mutating func add(_ step: JailStep) { steps.append(step) }

    private mutating func empty(_ path: String, mode: String) {
        add(
            .mount(
                "tmpfs", on: JailView.new + path, type: "tmpfs", flags: JailView.quiet, data: "mode=\(mode)"))
    }

    /// Directories that lead to a path in one of the places that are empty now.
    private mutating func makeWay(to path: String) {
        let places = hidden.map(\.path) + emptied
        guard let place = places.last(where: { Paths.contains($0, path) && $0 != path }) else { return }
        for directory in Paths.between(place, path) { add(.directory(JailView.new + directory, mode: 0o755)) }
    }

    private mutating func addDevices() {
        let dev = "\(JailView.new)/dev"
        add(.mount("tmpfs", on: dev, type: "tmpfs", flags: JailView.nosuid, data: "mode=755"))
        for name in ["null", "zero", "full", "random", "urandom", "tty"] {
            add(.file("\(dev)/\(name)", mode: 0o666, []))
            add(.mount("\(JailView.old)/dev/\(name)", on: "\(dev)/\(name)", flags: UInt(MS_BIND)))
        }
        for (name, target) in [
            ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
        ] {
            add(.link("\(dev)/\(name)", to: target))
        }
        for name in ["shm", "pts"] { add(.directory("\(dev)/\(name)", mode: 0o755)) }
        add(.mount("tmpfs", on: "\(dev)/shm", type: "tmpfs", flags: JailView.quiet, data: "mode=1777"))
        add(
            .mount(
                "devpts", on: "\(dev)/pts", type: "devpts", flags: UInt(MS_NOSUID | MS_NOEXEC),
                data: "newinstance,ptmxmode=0666,mode=620"))
        // So that the terminal has a name (ttyname(3) looks here); the host's other terminals are not there.
        if let terminal = (0..<3).lazy.compactMap({ ttyname(CInt($0)).map { String(cString: $0) } }).first {
            add(.file("\(dev)/console", mode: 0o600, []))
            add(.optional(.mount(JailView.old + terminal, on: "\(dev)/console", flags: UInt(MS_BIND))))
        }
    }

    private mutating func addKernelFiles() {
        let flags = UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC)
        add(.mount("proc", on: "\(JailView.new)/proc", type: "proc", flags: flags))
        // Nothing of the devices if the new one is refused (a container that masks parts of its own).
        add(.mount("tmpfs", on: "\(JailView.new)/sys", type: "tmpfs", flags: flags | UInt(MS_RDONLY), data: "mode=755"))
        add(.optional(.mount("sysfs", on: "\(JailView.new)/sys", type: "sysfs", flags: flags | UInt(MS_RDONLY))))
        // Written while the first namespace's powers are there: the second one is the last, or one of few.
        let more = settings.allowsNamespaces ? JailPlan.namespaceLimit : 0
        for kind in ["user", "mnt", "net", "pid", "ipc", "uts", "cgroup", "time"] {
            let limit = kind == "user" ? more + 1 : more
            add(
                .optional(
                    .write("\(JailView.new)/proc/sys/user/max_\(kind)_namespaces", Array("\(limit)".utf8))))
        }
    }

    private mutating func show(_ share: JailSettings.Share) throws(JailFailure) {
        guard let mode = Paths.mode(of: share.path) else { throw JailFailure("\(share.path) is gone") }
        let isFile = mode & S_IFMT != S_IFDIR
        let target = JailView.new + share.path
        if isFile {
            makeWay(to: Paths.parent(share.path))
            if isHidden(share.path) {
                add(.file(target, mode: 0o644, []))
            }
        } else {
            makeWay(to: share.path)
        }
        // With what is mounted below it: a part of that alone may not be bound in a namespace of one's own.
        add(.mount(JailView.old + share.path, on: target, flags: UInt(MS_BIND) | UInt(MS_REC)))
        add(.attributes(target, share.isReadOnly ? JailView.readOnly : 2))
    }

    /// Names come from the gate, all of them.
    private mutating func addNameFiles() {
        let files = [
            // The gate answers at once, except while it opens: then the question waits for it.
            ("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:10 attempts:1\n"),
            ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"),
        ]
        for (path, content) in files {
            let real = Paths.realOrFuture(path)
            if isHidden(real) {
                makeWay(to: Paths.parent(real))
                add(.file(JailView.new + real, mode: 0o444, Array(content.utf8)))
            } else if Paths.mode(of: real) != nil {
                let own = "/" + path.split(separator: "/").joined(separator: "-")
                add(.file(own, mode: 0o444, Array(content.utf8)))
                add(.mount(own, on: JailView.new + real, flags: UInt(MS_BIND)))
                add(.attributes(JailView.new + real, JailView.readOnly))
            }
        }
    }

    private func isHidden(_ path: String) -> Bool { hidden.contains { Paths.contains($0.path, path) } }

    /// Over everything that is shown.
    private mutating func keepAway() throws(JailFailure) {
        for kept in settings.kept.map(Paths.realOrFuture) where shows(kept) {
            guard Paths.isDirectory(kept) else {
                throw JailFailure("\(kept) must be there before a jail is made around it")
            }
            keepEmpty(kept)
        }
        for file in (settings.keptFiles + settings.deciding).map(Paths.realOrFuture) where shows(file) {
            // One that is made later would show.
            guard Paths.mode(of: file) != nil else {
                throw JailFailure(
                    "\(file) is not there, and no program in a jail may read it once it is",
                    help: "make it before, or take it out of the settings")
            }
            mask(file)
        }
    }

    private mutating func keepEmpty(_ directory: String) {
        empty(directory, mode: "555")
        emptied.append(directory)
    }

    /// A file that is there but says nothing, and no socket that could be connected to.
    private mutating func mask(_ path: String) {
        guard shows(path) else { return }
        add(.ifThere(.mount("\(JailView.old)/dev/null", on: JailView.new + path, flags: UInt(MS_BIND))))
    }

    private mutating func maskSockets() throws(JailFailure) {
        var sockets = Set(SocketScan.bound())
        for share in shares {
            guard Paths.isDirectory(share.path) else {
                if Paths.mode(of: share.path).map({ $0 & S_IFMT == S_IFSOCK }) == true { sockets.insert(share.path) }
                continue
            }
            guard let found = SocketScan.below(share.path, without: emptied) else {
                throw JailFailure(
                    "\(share.path) has more than \(SocketScan.limit) entries: they cannot be looked through for sockets",
                    help: "start the program in a smaller directory")
            }
            sockets.formUnion(found.sockets)
            for directory in found.unreadable { keepEmpty(directory) }
        }
        for path in sockets.sorted() { mask(path) }
    }
}
