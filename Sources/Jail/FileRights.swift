import CSystem
import Glibc
import System

/// What a program without a mount namespace may do to files: Landlock's rules, which follow the same view.
///
/// Landlock forbids to open, to make, to remove and to move. What it does not know stays: names, sizes and dates can be seen,
/// and modes and dates of the account's own files be changed.
struct FileRights: Sendable {
    struct Right: OptionSet, Sendable {
        let rawValue: UInt64

        static let execute = Right(rawValue: 1 << 0)
        static let write = Right(rawValue: 1 << 1)
        static let read = Right(rawValue: 1 << 2)
        static let list = Right(rawValue: 1 << 3)
        static let makeDevices = Right(rawValue: 1 << 6 | 1 << 11)
        static let truncate = Right(rawValue: 1 << 14)
        static let control = Right(rawValue: 1 << 15)
        /// Everything of version 3, whose last is the truncation of a file by its path.
        static let all = Right(rawValue: 1 << 15 - 1)

        static let reading: Right = [.execute, .read, .list]
        static let ofFiles: Right = [.execute, .write, .read, .truncate, .control]
    }

    /// The version of Landlock without which files would not be kept: before it whatever the account owns can be emptied.
    static let leastVersion = 3

    /// Whatever is not in a rule of `paths` is refused.
    static var handled: Right { tg_landlock_version() >= 5 ? Right.all.union(.control) : .all }

    private(set) var paths: [(path: String, rights: Right)] = []

    /// - Parameter passing: a directory of the program's own.
    init(_ view: JailView, _ settings: JailSettings, passing: String) throws(JailFailure) {
        let away = (settings.kept + settings.keptFiles).compactMap(Paths.real)
        for share in view.shares {
            if let kept = away.first(where: { Paths.contains(share.path, $0) }) {
                throw JailFailure(
                    "\(kept) is in \(share.path), and only namespaces could keep it from the program there",
                    help: "with --weaker put state, rules and operator socket elsewhere")
            }
        }
        let hidden = view.hidden.map(\.path) + away + ["/dev", "/proc"]
        read("/", without: hidden)
        // Of other processes it says no more than their names: the rest is for those who may trace them.
        add("/proc", .reading)
        for name in ["null", "zero", "full", "random", "urandom", "tty"] { add("/dev/\(name)", .ofFiles) }
        if let terminal = (0..<3).lazy.compactMap({ ttyname(CInt($0)).map { String(cString: $0) } }).first {
            add(terminal, .ofFiles)
        }
        for share in view.shares { add(share.path, share.isReadOnly ? .reading : Right.all.union(.control)) }
        add(passing, Right.all.union(.control))
    }

    /// A directory with all that is in it, or only what does not lead to something hidden.
    private mutating func read(_ path: String, without hidden: [String]) {
        guard !hidden.contains(path) else { return }
        guard hidden.contains(where: { Paths.contains(path, $0) }) else { return add(path, .reading) }
        for name in Files.names(in: path) { read(path == "/" ? "/\(name)" : "\(path)/\(name)", without: hidden) }
    }

    private mutating func add(_ path: String, _ rights: Right) {
        guard let mode = Paths.mode(of: path) else { return }
        let possible: Right = mode & S_IFMT == S_IFDIR ? Right.all.union(.control).subtracting(.makeDevices) : .ofFiles
        // A link is followed where it leads by its own rule.
        guard mode & S_IFMT != S_IFLNK else { return }
        paths.append((path, rights.intersection(possible).intersection(FileRights.handled)))
    }
}
