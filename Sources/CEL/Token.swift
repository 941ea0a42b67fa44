import JSON

/// A word of the language with its place.
struct Token {
    enum Kind: Equatable {
        case end
        case identifier(Text)
        /// In back quotes: a field, never a name.
        case quoted(Text)
        /// Without its sign, which belongs to what comes before.
        case int(UInt64)
        case uint(UInt64)
        case double(Double)
        case string(ByteString)
        case bytes(ByteString)
        case symbol(Symbol)
    }

    enum Symbol: UInt8 {
        case and, or, equal, notEqual, lessOrEqual, less, greaterOrEqual, greater, plus, minus, times
        case divide, modulo, not, question, colon, dot, comma, leftParenthesis, rightParenthesis
        case leftBracket, rightBracket, leftBrace, rightBrace

        var text: String {
            switch self {
            case .and: "&&"
            case .or: "||"
            case .equal: "=="
            case .notEqual: "!="
            case .lessOrEqual: "<="
            case .less: "<"
            case .greaterOrEqual: ">="
            case .greater: ">"
            case .plus: "+"
            case .minus: "-"
            case .times: "*"
            case .divide: "/"
            case .modulo: "%"
            case .not: "!"
            case .question: "?"
            case .colon: ":"
            case .dot: "."
            case .comma: ","
            case .leftParenthesis: "("
            case .rightParenthesis: ")"
            case .leftBracket: "["
            case .rightBracket: "]"
            case .leftBrace: "{"
            case .rightBrace: "}"
            }
        }
    }

    let kind: Kind
    let span: Range<Int>

    /// The token as a message shows it.
    var description: String {
        switch kind {
        case .end: "the end of the expression"
        case .identifier(let name): "'\(name)'"
        case .quoted(let name): "`\(name)`"
        case .int, .uint, .double: "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .symbol(let symbol): "'\(symbol.text)'"
        }
    }
}
