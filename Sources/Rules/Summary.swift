import Calls
import JSON

/// One sentence for the operator, with values of the call in it.
///
/// The values are the agent's: each is made visible and cut, and none can end the sentence or turn it around.
struct Summary: Hashable, Sendable {
    static let valueLimit = 120

    enum Piece: Hashable, Sendable {
        case text(String)
        case value(Reference, spelling: String)
    }

    let pieces: [Piece]

    var references: [Reference] {
        pieces.compactMap { if case .value(let reference, _) = $0 { reference } else { nil } }
    }

    /// What has no value is shown as a question mark and the reference. A summary never fails, because a rule must not
    /// take another tier over its wording.
    func render(_ facts: Facts) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .value(let reference, let spelling):
                do throws(EvaluationFailure) {
                    return visible(try show(reference, facts), limit: Self.valueLimit)
                } catch {
                    return "?\(spelling)"
                }
            }
        }.joined()
    }

    private func show(_ reference: Reference, _ facts: Facts) throws(EvaluationFailure) -> String {
        switch try facts.value(reference) {
        case .text(let text): return text.string
        case .json(let node): return node.text?.string ?? String(decoding: node.spelling, as: UTF8.self)
        case nil: throw EvaluationFailure(code: .missingField, detail: "")
        }
    }

    /// Text between `{{` and `}}` is a reference; everything else stands for itself.
    static func parse(_ text: Text) throws(ReferenceParser.Failure) -> Summary {
        let scalars = Array(text.string.unicodeScalars)
        var pieces: [Piece] = []
        var plain = ""
        var position = 0
        while position < scalars.count {
            let isPair = position + 1 < scalars.count && scalars[position] == scalars[position + 1]
            if isPair, scalars[position] == "{" {
                guard let end = close(scalars, from: position + 2) else {
                    throw ReferenceParser.Failure(
                        code: .badTemplate, message: "{{ without }}", range: position..<position + 2,
                        help: "write {{ body.amount }}")
                }
                if !plain.isEmpty { pieces.append(.text(plain)) }
                plain = ""
                pieces.append(try value(scalars, position + 2..<end))
                position = end + 2
            } else if isPair, scalars[position] == "}" {
                throw ReferenceParser.Failure(
                    code: .badTemplate, message: "}} without {{", range: position..<position + 2, help: nil)
            } else {
                plain.unicodeScalars.append(scalars[position])
                position += 1
            }
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        return Summary(pieces: pieces)
    }

    private static func value(
        _ scalars: [Unicode.Scalar], _ range: Range<Int>
    ) throws(ReferenceParser.Failure) -> Piece {
        let inside = String(String.UnicodeScalarView(scalars[range]))
        do throws(ReferenceParser.Failure) {
            let reference = try ReferenceParser.parse(Text(inside))
            return .value(reference, spelling: inside.split(separator: " ").joined(separator: " "))
        } catch {
            var moved = error
            moved.range = error.range.lowerBound + range.lowerBound..<error.range.upperBound + range.lowerBound
            throw moved
        }
    }

    /// Where `}}` stands, strings inside the reference left out.
    private static func close(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var quote: Unicode.Scalar?
        var index = start
        while index < scalars.count {
            let scalar = scalars[index]
            if let open = quote {
                if scalar == "\\" { index += 1 } else if scalar == open { quote = nil }
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
            } else if scalar == "}", index + 1 < scalars.count, scalars[index + 1] == "}" {
                return index
            }
            index += 1
        }
        return nil
    }
}
