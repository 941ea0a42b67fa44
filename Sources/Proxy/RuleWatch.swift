import Glibc
package import System

/// Looks for changes of the rule files, on a thread of its own.
///
/// By looking and not by being told (inotify): rules lie in many directories, come over networks and behind links that
/// are swapped (a ConfigMap), and a look at a hundred files takes less than a millisecond.
package struct RuleWatch: Sendable {
    private let directories: [String]
    private let changed: @Sendable () -> Void

    /// Between two looks. A change counts once it was seen twice: an editor may be in the middle of writing.
    static let pause: UInt32 = 1

    package init(_ directories: [String], changed: @escaping @Sendable () -> Void) {
        self.directories = directories
        self.changed = changed
    }

    package func begin() throws(IOError) {
        let first = try? RuleFiles.fingerprint(directories)
        try WorkerThread.spawn("rules") { [self] in
            var (known, seen) = (first, first)
            while true {
                sleep(Self.pause)
                look(&known, &seen)
            }
        }
    }

    /// One look: `known` is what the rules in force were read from, `seen` what the last look saw.
    func look(_ known: inout UInt64?, _ seen: inout UInt64?) {
        // A directory that cannot be read is one that is being replaced; what is in force stays.
        guard let print = try? RuleFiles.fingerprint(directories) else { return }
        defer { seen = print }
        guard print == seen, print != known else { return }
        known = print
        changed()
    }
}
