import Glibc
package import System

/// Looks for changes of the rule files, on a thread of its own.
///
/// By looking and not by being told (inotify): rules lie in many directories, come over networks and behind links that
/// are swapped (a ConfigMap), and a look at a hundred files takes less than a millisecond.
package struct RuleWatch: Sendable {
    private let directories: [String]
    /// What the rules in force were read from; nil where that could not be seen.
    private let first: UInt64?

    /// Between two looks. A change counts once it was seen twice: an editor may be in the middle of writing.
    static let pause: UInt32 = 1

    /// Made before the rules are read: what changes from now on is seen.
    package init(_ directories: [String]) {
        self.directories = directories
        first = try? RuleFiles.fingerprint(directories)
    }

    package func begin(changed: @escaping @Sendable () -> Void) throws(IOError) {
        try WorkerThread.spawn("rules") { [self] in
            var state = beginning
            while true {
                sleep(Self.pause)
                look(&state, changed)
            }
        }
    }

    /// What one look hands on to the next.
    struct State {
        /// What the rules in force were read from.
        var known: UInt64?
        /// What the last look saw.
        var seen: UInt64?
    }

    var beginning: State { State(known: first, seen: first) }

    func look(_ state: inout State, _ changed: () -> Void) {
        // A directory that cannot be read is one that is being replaced; what is in force stays.
        guard let print = try? RuleFiles.fingerprint(directories) else { return }
        defer { state.seen = print }
        guard print == state.seen, print != state.known else { return }
        state.known = print
        changed()
    }
}
