import JSON

/// Bytes to words.
struct Lexer {
    private let source: [UInt8]
    private var position = 0
    private var tokens: [Token] = []

    private init(_ source: [UInt8]) { self.source = source }

    static func tokens(_ source: [UInt8]) throws(CompileDiagnostic) -> [Token] {
        guard (try? UTF8Span(validating: source.span)) != nil else {
            throw CompileDiagnostic(.syntax, "the expression is not UTF-8", at: 0..<source.count)
        }
        var lexer = Lexer(source)
        lexer.tokens.reserveCapacity(source.count / 3 + 2)
        while try lexer.next() {}
        return lexer.tokens
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        let index = position + offset
        return index < source.count ? source[index] : 0
    }

    /// Whether there was another token.
    private mutating func next() throws(CompileDiagnostic) -> Bool {
        skipSpace()
        let start = position
        guard start < source.count else {
            tokens.append(Token(kind: .end, span: start..<start))
            return false
        }
        let kind: Token.Kind
        if let quote = stringStart() {
            kind = try string(quote)
        } else if byte().isIdentifierStart {
            while byte().isIdentifierStart || byte().isDigit { position += 1 }
            kind = .identifier(Text(String(decoding: source[start..<position], as: UTF8.self)))
        } else if byte().isDigit || byte() == UInt8(ascii: ".") && byte(1).isDigit {
            kind = try number()
        } else if byte() == UInt8(ascii: "`") {
            kind = try quotedName()
        } else if let (symbol, length) = symbol() {
            kind = .symbol(symbol)
            position += length
        } else {
            let character = String(decoding: source[start...], as: UTF8.self).unicodeScalars.first
            let length = character.map { String($0).utf8.count } ?? 1
            throw CompileDiagnostic(.syntax, "a character that means nothing here", at: start..<start + length)
        }
        tokens.append(Token(kind: kind, span: start..<position))
        return true
    }

    private mutating func skipSpace() {
        while position < source.count {
            switch source[position] {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x20: position += 1
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                while position < source.count, source[position] != 0x0A { position += 1 }
            default: return
            }
        }
    }

    private func symbol() -> (Token.Symbol, length: Int)? {
        switch (byte(), byte(1)) {
        case (UInt8(ascii: "&"), UInt8(ascii: "&")): (.and, 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.or, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")): (.equal, 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): (.notEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
        case (UInt8(ascii: "<"), _): (.less, 1)
        case (UInt8(ascii: ">"), _): (.greater, 1)
        case (UInt8(ascii: "+"), _): (.plus, 1)
        case (UInt8(ascii: "-"), _): (.minus, 1)
        case (UInt8(ascii: "*"), _): (.times, 1)
        case (UInt8(ascii: "/"), _): (.divide, 1)
        case (UInt8(ascii: "%"), _): (.modulo, 1)
        case (UInt8(ascii: "!"), _): (.not, 1)
        case (UInt8(ascii: "?"), _): (.question, 1)
        case (UInt8(ascii: ":"), _): (.colon, 1)
        case (UInt8(ascii: "."), _): (.dot, 1)
        case (UInt8(ascii: ","), _): (.comma, 1)
        case (UInt8(ascii: "("), _): (.leftParenthesis, 1)
        case (UInt8(ascii: ")"), _): (.rightParenthesis, 1)
        case (UInt8(ascii: "["), _): (.leftBracket, 1)
        case (UInt8(ascii: "]"), _): (.rightBracket, 1)
        case (UInt8(ascii: "{"), _): (.leftBrace, 1)
        case (UInt8(ascii: "}"), _): (.rightBrace, 1)
        default: nil
        }
    }

    private mutating func quotedName() throws(CompileDiagnostic) -> Token.Kind {
        let start = position
        position += 1
        while byte().isIdentifierStart || byte().isDigit || [0x2E, 0x2D, 0x2F, 0x20].contains(byte()) { position += 1 }
        guard byte() == UInt8(ascii: "`"), position > start + 1 else {
            throw CompileDiagnostic(
                .syntax, "a field in back quotes has letters, digits, '_', '.', '-', '/' and blanks",
                help: "write ['…'] for any other key", at: start..<max(position, start + 1))
        }
        position += 1
        return .quoted(Text(String(decoding: source[start + 1..<position - 1], as: UTF8.self)))
    }

    private mutating func number() throws(CompileDiagnostic) -> Token.Kind {
        let start = position
        if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x"), byte(2).isHexadecimal {
            position += 2
            while byte().isHexadecimal { position += 1 }
            return try integer(String(decoding: source[start + 2..<position], as: UTF8.self), radix: 16, start)
        }
        while byte().isDigit { position += 1 }
        var isDouble = false
        if byte() == UInt8(ascii: "."), byte(1).isDigit {
            isDouble = true
            position += 1
            while byte().isDigit { position += 1 }
        }
        let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
        if byte() | 0x20 == UInt8(ascii: "e"), byte(1 + sign).isDigit {
            isDouble = true
            position += 1 + sign
            while byte().isDigit { position += 1 }
        }
        let digits = String(decoding: source[start..<position], as: UTF8.self)
        guard isDouble else { return try integer(digits, radix: 10, start) }
        guard let double = Double(digits), double.isFinite else {
            throw CompileDiagnostic(.literal, "the number does not fit a double", at: start..<position)
        }
        return .double(double)
    }

    private mutating func integer(_ digits: String, radix: Int, _ start: Int) throws(CompileDiagnostic) -> Token.Kind {
        let isUnsigned = byte() | 0x20 == UInt8(ascii: "u")
        if isUnsigned { position += 1 }
        guard let magnitude = UInt64(digits, radix: radix) else {
            throw CompileDiagnostic(.literal, "the number does not fit 64 bits", at: start..<position)
        }
        return isUnsigned ? .uint(magnitude) : .int(magnitude)
    }

    /// What begins a string here, if one does.
    private func stringStart() -> StringLiteral.Prefix? {
        var prefix = StringLiteral.Prefix()
        if byte() | 0x20 == UInt8(ascii: "b") {
            prefix.isBytes = true
            prefix.length = 1
        }
        if byte(prefix.length) | 0x20 == UInt8(ascii: "r") {
            prefix.isRaw = true
            prefix.length += 1
        }
        let quote = byte(prefix.length)
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        prefix.quote = quote
        prefix.isTriple = byte(prefix.length + 1) == quote && byte(prefix.length + 2) == quote
        prefix.length += prefix.isTriple ? 3 : 1
        return prefix
    }

    private mutating func string(_ prefix: StringLiteral.Prefix) throws(CompileDiagnostic) -> Token.Kind {
        let (content, end) = try StringLiteral.read(source, at: position, prefix)
        position = end
        return prefix.isBytes ? .bytes(ByteString(content)) : .string(ByteString(content))
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isIdentifierStart: Bool { (self | 0x20) &- 0x61 < 26 || self == 0x5F }
    var isHexadecimal: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
    /// Of a hexadecimal digit.
    var hexadecimalValue: UInt32 { isDigit ? UInt32(self &- 0x30) : UInt32((self | 0x20) &- 0x57) }
}
