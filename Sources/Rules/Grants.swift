import JSON

/// Which packs a site lets claim calls: the file `GRANTS` beside them.
///
/// A line is the SHA-256 of a file, as `sha256sum` writes it, or `own` for a file that the site writes itself and need not
/// grant anew after each change; then two blanks and the path below the directory. `#` begins a remark.
package struct Grants: Sendable {
    package static let fileName = "GRANTS"

    package enum Basis: Hashable, Sendable {
        case digest(String)
        case own
    }

    package private(set) var entries: [(basis: Basis, path: String)]

    /// What cannot be read grants nothing.
    package init(_ bytes: [UInt8]) {
        entries = []
        for line in bytes.split(separator: 0x0A) {
            guard let text = Text(utf8: line), text.utf8.first != UInt8(ascii: "#") else { continue }
            let parts = text.string.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2 else { continue }
            let path = String(parts[1].drop { $0 == " " })
            let word = String(parts[0])
            let isDigest = word.utf8.count == 64 && word.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
            guard word == "own" || isDigest else { continue }
            entries.append((word == "own" ? .own : .digest(word), path))
        }
    }

    package func standing(of path: String, digest: String) -> RuleSource.Standing {
        for entry in entries where entry.path.utf8.elementsEqual(path.utf8) {
            switch entry.basis {
            case .own: return .granted
            case .digest(let known): if known.utf8.elementsEqual(digest.utf8) { return .granted }
            }
        }
        return .ungranted
    }

    /// Grants a file, in place of what was said of it before.
    package mutating func grant(_ path: String, _ basis: Basis) {
        entries.removeAll { $0.path.utf8.elementsEqual(path.utf8) }
        entries.append((basis, path))
        entries.sort { Text($0.path) < Text($1.path) }
    }

    package var bytes: [UInt8] {
        var text = "# Packs that may claim calls, each by the SHA-256 of its file; written by: tiergate rules grant\n"
        for (basis, path) in entries {
            switch basis {
            case .own: text += "own  \(path)\n"
            case .digest(let digest): text += "\(digest)  \(path)\n"
            }
        }
        return Array(text.utf8)
    }
}
