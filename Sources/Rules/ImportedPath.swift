import Calls
import JSON

/// A path as OpenAPI writes it, in the form that rules have.
struct ImportedPath {
    /// `/pets/{pet_id}`
    private(set) var template = ""
    /// A path that the template fits.
    private(set) var sample: [String] = []
    /// What follows a parameter in the last segment: `:predict`.
    private(set) var suffix: String?
    private(set) var remarks: [String] = []
    /// The first segment that is literal and no version.
    private(set) var head = ""
    /// The last segment where it is literal; that before it where it is a parameter alone.
    private(set) var tail: String?

    init(_ path: String) {
        var path = path
        if let end = path.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            path = String(path[..<end])
            remarks.append("what followed ? or # in the path was left out: match it with query")
        }
        var names: Set<String> = []
        let segments = path.split(separator: "/").map(String.init)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            template += "/"
            if segment.hasPrefix("{"), segment.hasSuffix("}"),
                !segment.dropFirst().dropLast().contains(where: "{}".contains)
            {
                let name = segment.dropFirst().dropLast().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
                let isName = PathTemplate.isIdentifier(Text(String(name))) && names.insert(String(name)).inserted
                template += isName ? "{\(String(name))}" : "*"
                sample.append("x1")
                continue
            }
            if segment.utf8.allSatisfy(Self.isPlain) {
                template += segment
                sample.append(segment)
                if head.isEmpty, !Self.isVersion(segment) { head = segment }
                tail = index >= segments.count - 2 ? segment : nil
                continue
            }
            template += "*"
            let rest = segment.lastIndex(of: "}").map { String(segment[segment.index(after: $0)...]) } ?? ""
            if isLast, segment.hasPrefix("{"), !rest.isEmpty, rest.utf8.allSatisfy(Self.isPlain), !rest.contains("'") {
                suffix = rest
                tail = rest
                sample.append("x1\(rest)")
            } else {
                remarks.append("\(segment) in the path became *, which is any one segment")
                sample.append("x1")
            }
        }
        if template.isEmpty { template = "/" }
    }

    /// Bytes of a path that mean themselves everywhere.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "-._~:@!$&'()+,=".utf8.contains(byte)
    }

    private static func isVersion(_ segment: String) -> Bool {
        segment == "api" || segment.hasPrefix("v") && segment.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    }
}
