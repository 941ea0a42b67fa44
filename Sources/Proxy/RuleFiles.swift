package import Calls
import Crypto
import JSON
package import Rules
package import System

/// Rule files on disk.
package enum RuleFiles {
    /// Directories above the one that was named in which grants are looked for.
    static let grantsHeight = 8

    static let endings = [".yaml", ".yml"]

    /// Reads every `.yaml` and `.yml` below these directories; all errors at once, and no set where there is one.
    ///
    /// - Parameter asIfGranted: for those who write packs: what they say once the site grants them.
    package static func load(
        _ directories: [String], now: Timestamp, asIfGranted: Bool = false
    ) throws(IOError) -> (RuleSet?, [Diagnostic]) {
        let sources = try sources(directories, asIfGranted: asIfGranted)
        return RuleSet.load(sources, digest: digest(sources), now: now)
    }

    private static func sources(_ directories: [String], asIfGranted: Bool) throws(IOError) -> [RuleSource] {
        var sources: [RuleSource] = []
        for directory in directories {
            let directory = withoutSlashes(directory)
            let grants = asIfGranted ? nil : try grants(for: directory)
            for path in try Files.list(directory, endings: endings)
            where !sources.contains(where: { $0.path == path }) {
                let bytes = try Files.read(path)
                let standing: RuleSource.Standing =
                    if let grants {
                        grants.grants.standing(
                            of: String(path.dropFirst(grants.directory.count)),
                            digest: SHA256.digest(bytes).description)
                    } else {
                        asIfGranted ? .granted : .unlisted
                    }
                sources.append(RuleSource(path: path, bytes: bytes, standing: standing))
            }
        }
        return sources
    }

    /// The grants that a directory of rules is under: its own, or those of the nearest directory above it. Never of one
    /// below: a pack does not grant itself by bringing a file along.
    package static func grants(for directory: String) throws(IOError) -> (grants: Grants, directory: String)? {
        guard let file = grantsFile(for: directory) else { return nil }
        return (Grants(try Files.read(file, limit: 1 << 20)), String(file.dropLast(Grants.fileName.count)))
    }

    private static func grantsFile(for directory: String) -> String? {
        var above = withoutSlashes(directory)
        if !above.hasSuffix("/"), !above.isEmpty { above += "/" }
        for _ in 0..<grantsHeight {
            let file = above + Grants.fileName
            if Files.exist(file) { return file }
            guard let slash = above.dropLast().lastIndex(of: "/") else { return nil }
            above = String(above[...slash])
        }
        return nil
    }

    /// What changes when a file of rules or a grant does, also in a directory above.
    package static func fingerprint(_ directories: [String]) throws(IOError) -> UInt64 {
        var print: UInt64 = 0
        func add(_ path: String, _ endings: [String]) throws(IOError) {
            print = (print << 7 | print >> 57) ^ (try Files.fingerprint(path, endings: endings))
        }
        for directory in directories {
            try add(directory, endings + [Grants.fileName])
            if let file = grantsFile(for: directory) { try add(file, []) }
        }
        return print
    }

    private static func withoutSlashes(_ directory: String) -> String {
        var directory = directory
        while directory.utf8.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        return directory
    }

    /// Of names, contents and standing, in the order of the names.
    private static func digest(_ sources: [RuleSource]) -> String {
        var hash = SHA256()
        for source in sources.sorted(by: { Text($0.path) < Text($1.path) }) {
            hash.update(Array("\(source.path) \(source.bytes.count) \(source.standing)\n".utf8))
            hash.update(source.bytes)
        }
        return hash.finalize().description
    }
}
