import JSON

/// Words and marks of SQL as one dialect tells them apart; what is quoted is left out.
struct SQLLexer {
    enum Token: Equatable {
        /// In capitals.
        case word(String)
        case mark(Unicode.Scalar)
        /// A string, a number or a quoted name.
        case other
    }

    private let text: [Unicode.Scalar]
    private let dialect: SQLDialect
    private var position = 0
    /// Whether code of a `/*! … */` is being read, whose end is no code.
    private var isInVersionComment = false

    /// The tokens up to the end, or up to a string or comment that does not end.
    static func tokens(_ text: [Unicode.Scalar], _ dialect: SQLDialect) -> (tokens: [Token], isWhole: Bool) {
        var lexer = SQLLexer(text: text, dialect: dialect)
        var tokens: [Token] = []
        while lexer.position < text.count {
            guard lexer.step(&tokens) else { return (tokens, false) }
        }
        return (tokens, !lexer.isInVersionComment)
    }

    private init(text: [Unicode.Scalar], dialect: SQLDialect) {
        self.text = text
        self.dialect = dialect
    }

    private func at(_ offset: Int) -> Unicode.Scalar? {
        position + offset < text.count ? text[position + offset] : nil
    }

    /// Reads on by one token, blank or comment; false where a quote or comment does not end.
    private mutating func step(_ tokens: inout [Token]) -> Bool {
        let scalar = text[position]
        switch scalar {
        case "'", "\"", "`":
            tokens.append(.other)
            return quoted(scalar)
        case "[" where dialect.brackets:
            tokens.append(.other)
            return quoted("]", escapes: false)
        case "$" where dialect.dollarQuotes && dollarTag != nil:
            tokens.append(.other)
            return dollarQuoted()
        case "-" where at(1) == "-" && (!dialect.dashesNeedBlank || at(2).map(Self.isBlank) ?? true):
            skipLine()
        case "#" where dialect.hashComments, "/" where dialect.slashComments && at(1) == "/":
            skipLine()
        case "/" where at(1) == "*":
            return comment()
        case "*" where isInVersionComment && at(1) == "/":
            isInVersionComment = false
            position += 2
        case _ where Self.isBlank(scalar):
            position += 1
        case _ where Self.isWord(scalar):
            let start = position
            while let next = at(0), Self.isWord(next) || next == "$" { position += 1 }
            tokens.append(Self.word(text[start..<position]))
        default:
            tokens.append(.mark(scalar))
            position += 1
        }
        return true
    }

    private static func word(_ scalars: ArraySlice<Unicode.Scalar>) -> Token {
        guard let first = scalars.first, !("0"..."9" ~= first) else { return .other }
        var word = ""
        for scalar in scalars {
            word.unicodeScalars.append("a"..."z" ~= scalar ? Unicode.Scalar(UInt8(scalar.value) & 0xDF) : scalar)
        }
        return .word(word)
    }

    /// What ends a word for some server: all of Unicode's white space, and what cannot be seen at all.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80
            ? scalar.value <= 0x20
            : scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: scalar.value >= 0x80 && !isBlank(scalar)
        }
    }

    private mutating func skipLine() {
        while let next = at(0), next != "\n", next != "\r" { position += 1 }
    }

    /// Up to the same quote; twice the quote stands for itself.
    private mutating func quoted(_ quote: Unicode.Scalar, escapes: Bool = true) -> Bool {
        if dialect.tripleQuotes, at(1) == quote, at(2) == quote {
            position += 3
            while position < text.count {
                if at(0) == "\\" {
                    position += 2
                } else if at(0) == quote, at(1) == quote, at(2) == quote {
                    position += 3
                    return true
                } else {
                    position += 1
                }
            }
            return false
        }
        // PostgreSQL's E'…' has backslashes where '…' has not.
        let isExtended =
            dialect.dollarQuotes && quote == "'" && position > 0
            && (text[position - 1] == "E" || text[position - 1] == "e")
            && (position < 2 || !Self.isWord(text[position - 2]))
        let hasBackslash = escapes && quote != "`" && (dialect.escapesWithBackslash || isExtended)
        position += 1
        while let next = at(0) {
            if hasBackslash, next == "\\" {
                position += 2
            } else if next == quote {
                guard at(1) == quote else {
                    position += 1
                    return true
                }
                position += 2
            } else {
                position += 1
            }
        }
        return false
    }

    /// The length of `$tag$` at hand, nil where there is none.
    private var dollarTag: Int? {
        var length = 1
        while let next = at(length), Self.isWord(next) { length += 1 }
        guard at(length) == "$", !("0"..."9" ~= (at(1) ?? " ")) else { return nil }
        return length + 1
    }

    private mutating func dollarQuoted() -> Bool {
        guard let length = dollarTag else { return false }
        let tag = text[position..<position + length]
        position += length
        while position + length <= text.count {
            if text[position..<position + length] == tag {
                position += length
                return true
            }
            position += 1
        }
        position = text.count
        return false
    }

    private mutating func comment() -> Bool {
        position += 2
        if dialect.versionComments, at(0) == "!" || at(0) == "M" && at(1) == "!" {
            position += at(0) == "!" ? 1 : 2
            while let next = at(0), "0"..."9" ~= next { position += 1 }
            isInVersionComment = true
            return true
        }
        var depth = 1
        while position < text.count {
            if at(0) == "*", at(1) == "/" {
                position += 2
                depth -= 1
                if depth == 0 { return true }
            } else if dialect.nestedComments, at(0) == "/", at(1) == "*" {
                position += 2
                depth += 1
            } else {
                position += 1
            }
        }
        return false
    }
}
