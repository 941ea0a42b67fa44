import JSON

/// Words to a table of nodes, by recursive descent with a limit.
struct Parser {
    private let tokens: [Token]
    private let limits: Limits
    private var position = 0
    private var level = 0
    private var containers = 0
    var syntax = Syntax()

    static func parse(_ source: [UInt8], _ limits: Limits) throws(CompileDiagnostic) -> Syntax {
        guard source.count <= limits.source else {
            throw CompileDiagnostic(
                .limit, "the expression is longer than \(limits.source) bytes", at: 0..<source.count)
        }
        var parser = Parser(tokens: try Lexer.tokens(source), limits: limits)
        parser.syntax.root = try parser.expression()
        guard case .end = parser.token.kind else {
            throw parser.unexpected(help: "put an operator between the two")
        }
        return parser.syntax
    }

    private init(tokens: [Token], limits: Limits) {
        self.tokens = tokens
        self.limits = limits
    }

    /// The last token is the end, and nothing moves beyond it.
    private var token: Token { tokens[min(position, tokens.count - 1)] }

    private mutating func accept(_ symbol: Token.Symbol) -> Bool {
        guard position < tokens.count, case .symbol(let found) = tokens[position].kind, found == symbol else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: Token.Symbol) throws(CompileDiagnostic) {
        guard accept(symbol) else { throw unexpected(help: "'\(symbol.text)' is expected here") }
    }

    private func unexpected(help: String?) -> CompileDiagnostic {
        CompileDiagnostic(.syntax, "\(token.description) cannot stand here", help: help, at: token.span)
    }

    /// A new node, unless the expression is too large.
    mutating func node(_ kind: Syntax.Kind, from start: Int, to end: Int? = nil) throws(CompileDiagnostic) -> Int {
        let span = start..<max(start, end ?? (position > 0 ? tokens[position - 1].span.upperBound : start))
        let index = syntax.append(kind, span)
        guard syntax.nodes.count <= limits.nodes else {
            throw CompileDiagnostic(.limit, "the expression has more than \(limits.nodes) parts", at: span)
        }
        guard syntax[index].depth <= limits.depth else { throw tooDeep(span) }
        if syntax[index].kind.nests { containers += 1 }
        guard containers <= limits.containers else {
            throw CompileDiagnostic(
                .limit, "the expression has more than \(limits.containers) lists, maps and macros", at: span)
        }
        return index
    }

    private func tooDeep(_ span: Range<Int>) -> CompileDiagnostic {
        CompileDiagnostic(
            .limit, "the expression is nested more than \(limits.depth) deep", help: "divide it with `let`", at: span)
    }

    // MARK: Operators

    private mutating func expression() throws(CompileDiagnostic) -> Int {
        level += 1
        defer { level -= 1 }
        guard level <= limits.depth else { throw tooDeep(token.span) }
        let start = token.span.lowerBound
        let condition = try disjunction()
        guard accept(.question) else { return condition }
        let then = try disjunction()
        try expect(.colon)
        let otherwise = try expression()
        return try node(.conditional(condition, then, otherwise), from: start)
    }

    private mutating func disjunction() throws(CompileDiagnostic) -> Int {
        let start = token.span.lowerBound
        let first = try conjunction()
        guard accept(.or) else { return first }
        var operands = [first]
        repeat { operands.append(try conjunction()) } while accept(.or)
        return try node(.or(operands), from: start)
    }

    private mutating func conjunction() throws(CompileDiagnostic) -> Int {
        let start = token.span.lowerBound
        let first = try binary(0)
        guard accept(.and) else { return first }
        var operands = [first]
        repeat { operands.append(try binary(0)) } while accept(.and)
        return try node(.and(operands), from: start)
    }

    /// Relations (0), sums (1) and products (2), all from left to right.
    private mutating func binary(_ precedence: Int) throws(CompileDiagnostic) -> Int {
        let start = token.span.lowerBound
        var left = try precedence == 2 ? unary() : binary(precedence + 1)
        while let (operation, level) = Self.operation(token.kind), level == precedence {
            position += 1
            let right = try precedence == 2 ? unary() : binary(precedence + 1)
            left = try node(.operation(operation, left, right), from: start)
        }
        return left
    }

    private static func operation(_ kind: Token.Kind) -> (Syntax.Operation, precedence: Int)? {
        switch kind {
        case .identifier("in"): (.contained, 0)
        case .symbol(.equal): (.equal, 0)
        case .symbol(.notEqual): (.notEqual, 0)
        case .symbol(.less): (.less, 0)
        case .symbol(.lessOrEqual): (.lessOrEqual, 0)
        case .symbol(.greater): (.greater, 0)
        case .symbol(.greaterOrEqual): (.greaterOrEqual, 0)
        case .symbol(.plus): (.add, 1)
        case .symbol(.minus): (.subtract, 1)
        case .symbol(.times): (.multiply, 2)
        case .symbol(.divide): (.divide, 2)
        case .symbol(.modulo): (.remainder, 2)
        default: nil
        }
    }

    /// Signs in a row cancel out in pairs; the last one before a number is part of it.
    private mutating func unary() throws(CompileDiagnostic) -> Int {
        let start = token.span.lowerBound
        var count = 0
        if accept(.not) {
            count = 1
            while accept(.not) { count += 1 }
            let operand = try member(isNegative: false, from: token.span.lowerBound)
            var result = try node(.not(operand), from: start)
            if count % 2 == 0 { result = try node(.not(result), from: start) }
            return result
        }
        while accept(.minus) { count += 1 }
        if count > 0, token.isNumber {
            let operand = try member(isNegative: true, from: tokens[position - 1].span.lowerBound)
            return count % 2 == 1 ? operand : try node(.negate(operand), from: start)
        }
        let operand = try member(isNegative: false, from: token.span.lowerBound)
        guard count > 0 else { return operand }
        let result = try node(.negate(operand), from: start)
        return count % 2 == 1 ? result : try node(.negate(result), from: start)
    }

    // MARK: Members

    private mutating func member(isNegative: Bool, from start: Int) throws(CompileDiagnostic) -> Int {
        var operand = try primary(isNegative: isNegative, from: start)
        while true {
            if accept(.dot) {
                let isOptional = accept(.question)
                let name = try selector()
                if !isOptional, !name.isQuoted, accept(.leftParenthesis) {
                    let arguments = try arguments(until: .rightParenthesis)
                    operand = try call(name.text, target: operand, arguments, from: start)
                } else {
                    operand = try node(.select(operand, name.text, isOptional: isOptional), from: start)
                }
            } else if accept(.leftBracket) {
                let isOptional = accept(.question)
                let key = try expression()
                try expect(.rightBracket)
                operand = try node(.index(operand, key, isOptional: isOptional), from: start)
            } else if case .symbol(.leftBrace) = token.kind, let name = syntax.qualifiedName(operand) {
                position += 1
                operand = try node(.message(name.name, try fields()), from: start)
            } else {
                return operand
            }
        }
    }

    private mutating func selector() throws(CompileDiagnostic) -> (text: Text, isQuoted: Bool) {
        defer { position += 1 }
        switch token.kind {
        case .identifier(let name) where !Self.keywords.contains(name): return (name, false)
        case .quoted(let name): return (name, true)
        default: throw unexpected(help: "the name of a field or of a function comes after '.'")
        }
    }

    private mutating func primary(isNegative: Bool, from start: Int) throws(CompileDiagnostic) -> Int {
        let token = token
        position += 1
        switch token.kind {
        case .int(let magnitude):
            let limit: UInt64 = isNegative ? 1 << 63 : (1 << 63) - 1
            guard magnitude <= limit else {
                throw CompileDiagnostic(
                    .literal, "the number does not fit an int", help: "write it with u at its end for a uint",
                    at: token.span)
            }
            return try node(
                .constant(.int(Int64(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude))), from: start)
        case .uint(let value):
            guard !isNegative || value == 0 else {
                throw CompileDiagnostic(.literal, "a uint is not negative", at: start..<token.span.upperBound)
            }
            return try node(.constant(.uint(value)), from: start)
        case .double(let value): return try node(.constant(.double(isNegative ? -value : value)), from: start)
        case .string(let value): return try node(.constant(.string(value)), from: start)
        case .bytes(let value): return try node(.constant(.bytes(value)), from: start)
        case .identifier(let name): return try identifier(name, isAbsolute: false, from: start)
        case .symbol(.dot):
            guard case .identifier(let name) = self.token.kind else { throw unexpected(help: "a name comes after '.'") }
            position += 1
            return try identifier(name, isAbsolute: true, from: start)
        case .symbol(.leftParenthesis):
            let inner = try expression()
            try expect(.rightParenthesis)
            return inner
        case .symbol(.leftBracket): return try list(from: start)
        case .symbol(.leftBrace): return try map(from: start)
        case .end, .quoted, .symbol:
            position -= 1
            throw unexpected(help: "a value is expected here")
        }
    }

    private mutating func identifier(
        _ name: Text, isAbsolute: Bool, from start: Int
    ) throws(CompileDiagnostic) -> Int {
        if !isAbsolute {
            switch name {
            case "true": return try node(.constant(.bool(true)), from: start)
            case "false": return try node(.constant(.bool(false)), from: start)
            case "null": return try node(.constant(.null), from: start)
            default: break
            }
        }
        guard !Self.keywords.contains(name), !Self.reserved.contains(name) else {
            position -= 1
            throw CompileDiagnostic(.syntax, "'\(name)' is reserved and cannot be a name", at: token.span)
        }
        if accept(.leftParenthesis) {
            let full = isAbsolute ? Text("." + name.string) : name
            return try call(full, target: nil, try arguments(until: .rightParenthesis), from: start)
        }
        return try node(.identifier(name, isAbsolute: isAbsolute), from: start)
    }

    // MARK: Lists

    private mutating func arguments(until end: Token.Symbol) throws(CompileDiagnostic) -> [Int] {
        var arguments: [Int] = []
        if accept(end) { return arguments }
        repeat { arguments.append(try expression()) } while accept(.comma)
        try expect(end)
        return arguments
    }

    private mutating func list(from start: Int) throws(CompileDiagnostic) -> Int {
        var elements: [Syntax.Element] = []
        while !accept(.rightBracket) {
            let isOptional = accept(.question)
            elements.append(Syntax.Element(node: try expression(), isOptional: isOptional))
            if accept(.comma) { continue }
            try expect(.rightBracket)
            break
        }
        return try node(.list(elements), from: start)
    }

    private mutating func map(from start: Int) throws(CompileDiagnostic) -> Int {
        var entries: [Syntax.Entry] = []
        while !accept(.rightBrace) {
            let isOptional = accept(.question)
            let key = try expression()
            try expect(.colon)
            entries.append(Syntax.Entry(key: key, value: try expression(), isOptional: isOptional))
            if accept(.comma) { continue }
            try expect(.rightBrace)
            break
        }
        return try node(.map(entries), from: start)
    }

    private mutating func fields() throws(CompileDiagnostic) -> [Syntax.Field] {
        var fields: [Syntax.Field] = []
        while !accept(.rightBrace) {
            let isOptional = accept(.question)
            let name = try selector().text
            try expect(.colon)
            fields.append(Syntax.Field(name: name, value: try expression(), isOptional: isOptional))
            if accept(.comma) { continue }
            try expect(.rightBrace)
            break
        }
        return fields
    }

    static let keywords: Set<Text> = ["in", "true", "false", "null"]
    static let reserved: Set<Text> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]
}

extension Token {
    fileprivate var isNumber: Bool {
        switch kind {
        case .int, .uint, .double: true
        case .end, .identifier, .quoted, .string, .bytes, .symbol: false
        }
    }
}
