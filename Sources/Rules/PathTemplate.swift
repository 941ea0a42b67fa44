import Calls
import JSON

/// Which paths a rule is for: `/repos/{owner}/{repo}/keys/*`, or with `**` at the end any number of further segments,
/// none included.
///
/// One trailing slash of a call's path counts for nothing: servers differ over it, and a rule must not be slipped by it.
struct PathTemplate: Hashable, Sendable {
    static let segmentLimit = 32

    enum Segment: Hashable, Sendable {
        case literal(Text)
        case any
    }

    let segments: [Segment]
    /// Ends with `**`.
    let isOpen: Bool
    /// Names of `{name}` and the segments they stand for.
    let parameters: [Text: Int]
    let spelling: Text

    static let every = PathTemplate(segments: [], isOpen: true, parameters: [:], spelling: "/**")

    static func parse(_ text: Text) -> Result<PathTemplate, Malformed> {
        guard text.utf8.first == UInt8(ascii: "/") else {
            return .failure(Malformed("it must begin with /", help: "the path only, without scheme and host"))
        }
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") || $0 == 0x25 }) else {
            return .failure(
                Malformed(
                    "?, # and % do not stand in a path template",
                    help: "paths are compared decoded; parameters are matched with query"))
        }
        var parts = text.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        let isOpen = parts.last?.elementsEqual("**".utf8) == true
        if isOpen { parts.removeLast() }
        guard parts.count <= segmentLimit else {
            return .failure(Malformed("more than \(segmentLimit) segments", help: nil))
        }
        var segments: [Segment] = []
        var parameters: [Text: Int] = [:]
        for (index, part) in parts.enumerated() {
            // Cut at ASCII, so still text.
            let segment = Text(String(Substring(part)))
            guard !segment.isEmpty else {
                return .failure(Malformed("an empty segment", help: "write one slash"))
            }
            if segment == "*" {
                segments.append(.any)
            } else if segment.utf8.first == UInt8(ascii: "{"), segment.utf8.last == UInt8(ascii: "}") {
                let name = Text(String(Substring(part.dropFirst().dropLast())))
                guard isIdentifier(name) else {
                    return .failure(Malformed("\(visible(segment.string)) is no name", help: "for example {owner}"))
                }
                guard parameters.updateValue(index, forKey: name) == nil else {
                    return .failure(Malformed("{\(name)} stands here twice", help: "give each a name of its own"))
                }
                segments.append(.any)
            } else if segment.utf8.contains(where: { "*{}".utf8.contains($0) }) || segment == "." || segment == ".." {
                return .failure(
                    Malformed(
                        "\(visible(segment.string)) is no segment",
                        help: "a segment is literal, {name}, * for any one, or ** at the end for all that follow"))
            } else {
                segments.append(.literal(segment))
            }
        }
        return .success(PathTemplate(segments: segments, isOpen: isOpen, parameters: parameters, spelling: text))
    }

    /// Whether the segments of a call fit; a trailing slash counts for nothing.
    func matches(_ path: [Text]) -> Bool {
        let end = path.last?.isEmpty == true ? path.count - 1 : path.count
        guard isOpen ? end >= segments.count : end == segments.count else { return false }
        return zip(segments, path).allSatisfy { segment, part in
            switch segment {
            case .literal(let text): text == part
            case .any: true
            }
        }
    }

    /// A letter or underscore, then letters, digits, underscores: what may follow a dot in a reference.
    static func isIdentifier(_ name: Text) -> Bool {
        guard let first = name.utf8.first, first &- 0x30 >= 10 else { return false }
        return name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_") }
    }
}
