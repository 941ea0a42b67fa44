import CEL
import Calls
import JSON

/// One sentence for the operator, with values of the call in it.
///
/// The values are the agent's: each is made visible and cut, and none can end the sentence or turn it around.
struct Summary: Sendable {
    static let valueLimit = 120

    enum Piece: Sendable {
        case text(String)
        case value(Conditions.Expression)
    }

    let pieces: [Piece]

    /// What has no value is shown as a question mark and the expression. A summary never fails, because a rule must not
    /// take another tier over its wording.
    func render(_ value: (Conditions.Expression) throws(EvaluationFailure) -> Value) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .value(let expression):
                do throws(EvaluationFailure) {
                    return visible(try value(expression).shown, limit: Self.valueLimit)
                } catch {
                    return "?\(expression.source.string.split(separator: " ").joined(separator: " "))"
                }
            }
        }.joined()
    }

    /// The same as a path, in which each value is one segment or a part of one: what would separate or climb is
    /// percent-encoded. Nil where a value is missing, or is no name of anything (empty, `.` or `..`).
    func path(_ value: (Conditions.Expression) throws(EvaluationFailure) -> Value) -> String? {
        var path = ""
        for piece in pieces {
            switch piece {
            case .text(let text): path += text
            case .value(let expression):
                guard let shown = try? value(expression).shown, shown.utf8.count <= Self.valueLimit,
                    shown.utf8.contains(where: { $0 != 0x2E })
                else { return nil }
                path += Self.encoded(shown)
            }
        }
        return path
    }

    /// All but unreserved characters encoded (RFC 3986 section 2.3).
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            default: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Where the parts of a template stand, in characters.
    enum Part: Hashable {
        case text(String)
        case expression(Range<Int>)
    }

    /// What keeps a text from being a template.
    struct Malformed: Error {
        let message: String
        let range: Range<Int>
        let help: String?
    }

    /// Text between `{{` and `}}` is an expression; everything else stands for itself.
    static func parts(_ text: Text) throws(Malformed) -> [Part] {
        let scalars = Array(text.string.unicodeScalars)
        var parts: [Part] = []
        var plain = ""
        var position = 0
        while position < scalars.count {
            let isPair = position + 1 < scalars.count && scalars[position] == scalars[position + 1]
            if isPair, scalars[position] == "{" {
                guard let end = close(scalars, from: position + 2) else {
                    throw Malformed(
                        message: "{{ without }}", range: position..<position + 2, help: "write {{ body.amount }}")
                }
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = ""
                parts.append(.expression(position + 2..<end))
                position = end + 2
            } else if isPair, scalars[position] == "}" {
                throw Malformed(message: "}} without {{", range: position..<position + 2, help: nil)
            } else {
                plain.unicodeScalars.append(scalars[position])
                position += 1
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        return parts
    }

    /// Where `}}` stands, strings and maps inside the expression left out.
    private static func close(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var quote: Unicode.Scalar?
        var open = 0
        var index = start
        while index < scalars.count {
            let scalar = scalars[index]
            if let mark = quote {
                if scalar == "\\" { index += 1 } else if scalar == mark { quote = nil }
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
            } else if scalar == "{" {
                open += 1
            } else if scalar == "}", open > 0 {
                open -= 1
            } else if scalar == "}", index + 1 < scalars.count, scalars[index + 1] == "}" {
                return index
            }
            index += 1
        }
        return nil
    }
}

extension Value {
    /// As a person reads it.
    var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): Int64(exactly: value).map(String.init) ?? "\(value)"
        case .string(let text): text.text.string
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .list(let elements): "[\(elements.prefix(16).map(\.shown).joined(separator: ", "))]"
        case .map(let map):
            "{\(zip(map.keys, map.values).prefix(16).map { "\($0.shown): \($1.shown)" }.joined(separator: ", "))}"
        case .json(let tree, let index):
            String(decoding: tree.document.bytes[tree.spelling(Int(index))].prefix(1024), as: UTF8.self)
        case .type(let name): name.string
        case .timestamp(let instant): Timestamp(milliseconds: instant.seconds &* 1000).description
        case .duration(let nanoseconds): Interval(milliseconds: nanoseconds / 1_000_000).spoken
        case .optional(let optional): optional.value?.shown ?? "nothing"
        case .opaque, .absent: "?"
        }
    }
}
