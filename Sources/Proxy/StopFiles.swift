package import Holds
import System

/// Files in the state directory that stop everything while they are there: `kill` and `freeze`, whatever is in them.
///
/// Taking one away resumes nothing; while one is there nothing can be resumed.
package struct StopFiles: Sendable {
    private let directory: String

    package init(in directory: String) { self.directory = directory }

    /// Those there are, the strictest first.
    package var present: [(path: String, kind: Stop.Kind)] {
        Stop.Kind.allCases.sorted(by: >).compactMap { kind in
            let path = "\(directory)/\(kind.rawValue)"
            return Files.exist(path) ? (path, kind) : nil
        }
    }

    func watch() throws(IOError) -> DirectoryWatch { try DirectoryWatch(directory) }
}
