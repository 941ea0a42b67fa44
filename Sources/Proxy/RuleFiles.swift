package import Calls
import Crypto
import JSON
package import Rules
package import System

/// Rule files on disk.
package enum RuleFiles {
    /// Reads every `.yaml` and `.yml` below these directories; all errors at once, and no set where there is one.
    package static func load(
        _ directories: [String], now: Timestamp
    ) throws(IOError) -> (RuleSet?, [Diagnostic]) {
        var sources: [RuleSource] = []
        for directory in directories {
            for path in try Files.list(directory, endings: [".yaml", ".yml"])
            where !sources.contains(where: { $0.path == path }) {
                sources.append(RuleSource(path: path, bytes: try Files.read(path)))
            }
        }
        return RuleSet.load(sources, digest: digest(sources), now: now)
    }

    /// Of names and contents, in the order of the names.
    private static func digest(_ sources: [RuleSource]) -> String {
        var hash = SHA256()
        for source in sources.sorted(by: { Text($0.path) < Text($1.path) }) {
            hash.update(Array("\(source.path) \(source.bytes.count)\n".utf8))
            hash.update(source.bytes)
        }
        return hash.finalize().description
    }
}
