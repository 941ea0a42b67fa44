import Calls
import JSON
import Testing

@testable import Rules

/// Calls and rule sets for tests. The decoder of the product is not used here: it has tests of its own, and rules are
/// handed what it makes.
enum Sample {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    static func call(
        _ method: String, _ url: String, headers: [(String, String)] = [], document: Document = .none,
        operations: [Operation] = []
    ) -> Call {
        var rest = url[...]
        let scheme: Scheme = rest.hasPrefix("http://") ? .http : .https
        if let end = rest.range(of: "://") { rest = rest[end.upperBound...] }
        let hostEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        let host = Text(String(rest[..<hostEnd])).asciiLowercased
        let spelling = hostEnd == rest.endIndex ? "/" : String(rest[hostEnd...])
        let parts = spelling.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        var segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            Text(decoded($0))
        }
        if path == "/" { segments = [] }
        var fields = Fields()
        for (name, value) in headers { fields.append(name, value) }
        let isLiteral = host.utf8.allSatisfy { $0 == 0x2E || $0 &- 0x30 < 10 }
        return Call(
            id: CallID("c_test"), session: SessionID("test"), method: Text(method),
            target: Target(
                scheme: scheme, authority: Authority(host: host, port: scheme.defaultPort, isLiteral: isLiteral),
                segments: segments, query: parts.count > 1 ? parameters(parts[1]) : [], spelling: Text(spelling)),
            fields: fields, body: .none, document: document, operations: operations, principal: .none)
    }

    static func json(_ text: String) throws -> Document { .json(try JSONDocument.parse(Array(text.utf8))) }

    static func form(_ text: String) -> Document { .form(parameters(text[...])) }

    static func parameters(_ text: Substring) -> [Parameter] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(Text(decoded(parts[0])), Text(parts.count > 1 ? decoded(parts[1]) : ""))
        }
    }

    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A pack around the given lines of rules, each of which starts with `- `.
    static func source(_ rules: String, pack: String = "test", head: String = "", path: String? = nil) -> RuleSource {
        let indented = rules.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        let text = "tiergate: 1\npack: \(pack)\nversion: 1\n\(head)\nrules:\n" + indented.joined(separator: "\n") + "\n"
        return RuleSource(path: path ?? "rules/\(pack).yaml", bytes: Array(text.utf8))
    }

    static func set(_ sources: RuleSource...) throws -> RuleSet {
        let (set, diagnostics) = RuleSet.load(sources, digest: "d", now: now)
        let errors = diagnostics.filter { $0.severity == .error }.map(\.rendered).joined(separator: "\n")
        return try #require(set, "\(errors)")
    }

    static func errors(_ sources: RuleSource...) -> [Diagnostic] {
        RuleSet.load(sources, digest: "d", now: now).1.filter { $0.severity == .error }
    }
}

extension StringProtocol {
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
