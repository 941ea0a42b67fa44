import JSON

/// The words of SQL outside of quotes and comments, in capitals, by statement.
enum SQLWords {
    struct Statement {
        var words: [String] = []
        /// Names with a parenthesis behind them, quoted ones too: mostly functions.
        var called: Set<String> = []
    }

    /// Nil where it can be read in more than one way, or does not end.
    static func statements(_ text: ByteString) -> [Statement]? {
        var statements = [Statement()]
        // What the next parenthesis would call.
        var name: String?
        var isQuoted = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            switch byte {
            case 0: return nil
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                // Names in which characters are written as numbers (PostgreSQL).
                let isEncoded = index > 1 && text[index - 1] == UInt8(ascii: "&") && text[index - 2] | 0x20 == 0x75
                guard !isEncoded, let end = quoted(text, from: index) else { return nil }
                isQuoted = true
                name = byte == UInt8(ascii: "'") ? nil : capitals(text.part(index + 1..<end - 1))
                index = end
            case UInt8(ascii: "-") where next == UInt8(ascii: "-"):
                // Without a blank it is two signs to MySQL, and a comment to everybody else.
                guard index + 2 == text.count || text[index + 2] <= 0x20 else { return nil }
                while index < text.count, text[index] != 0x0A {
                    // A carriage return ends a line to some.
                    guard text[index] != 0x0D || index + 1 < text.count && text[index + 1] == 0x0A else { return nil }
                    index += 1
                }
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                guard let end = comment(text, from: index) else { return nil }
                index = end
            // A comment to MySQL, an operator to others; quotes of PostgreSQL, none to others.
            case UInt8(ascii: "#"), UInt8(ascii: "\\"): return nil
            case UInt8(ascii: "$") where !next.isDigit: return nil
            case UInt8(ascii: ";"):
                statements.append(Statement())
                name = nil
                index += 1
            case UInt8(ascii: "("):
                if let name { statements[statements.count - 1].called.insert(name) }
                name = nil
                index += 1
            case UInt8(ascii: "."):
                // Of a package, perhaps.
                if let name, isQuoted { statements[statements.count - 1].words.append(name) }
                name = nil
                index += 1
            case _ where byte.isIdentifierStart || byte >= 0x80:
                let start = index
                while index < text.count,
                    text[index].isIdentifierStart || text[index].isDigit || text[index] >= 0x80
                        || text[index] == UInt8(ascii: "$")
                { index += 1 }
                let word = capitals(text.part(start..<index))
                statements[statements.count - 1].words.append(word)
                name = word
                isQuoted = false
            default:
                // `]` ends a name in brackets.
                if byte > 0x20, byte != UInt8(ascii: "]") { name = nil }
                index += 1
            }
        }
        return statements
    }

    private static func capitals(_ text: ByteString) -> String {
        text.mapped { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }.text.string
    }

    /// Where what is in quotes ends; nil where it does not, or where a backslash makes it end elsewhere for some.
    private static func quoted(_ text: ByteString, from start: Int) -> Int? {
        var index = start + 1
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), text[start] != UInt8(ascii: "`") {
                let next = index + 1 < text.count ? text[index + 1] : 0
                guard next != text[start], next != UInt8(ascii: "\\") else { return nil }
            }
            if text[index] == text[start] {
                guard index + 1 < text.count, text[index + 1] == text[start] else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// Where a comment ends; nil for those that MySQL runs or that PostgreSQL nests.
    private static func comment(_ text: ByteString, from start: Int) -> Int? {
        var index = start + 2
        guard index < text.count, text[index] != UInt8(ascii: "!"), text[index] != UInt8(ascii: "+") else { return nil }
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "*"), text[index + 1] == UInt8(ascii: "/") { return index + 2 }
            if text[index] == UInt8(ascii: "/"), text[index + 1] == UInt8(ascii: "*") { return nil }
            index += 1
        }
        return nil
    }
}
