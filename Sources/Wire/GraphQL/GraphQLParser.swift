import JSON

/// Reads an executable document; definitions of types, which no request may hold, are refused.
struct GraphQLParser {
    private var lexer: GraphQLLexer
    private var token = GraphQLLexer.Token.end
    private let limits: DecodingLimits
    /// Fields and fragments read so far: an upper bound of what the document itself may spell.
    private var selections = 0

    static func parse(_ bytes: [UInt8], limits: DecodingLimits) throws(WireError) -> GraphQLDocument {
        var parser = GraphQLParser(lexer: GraphQLLexer(bytes), limits: limits)
        return try parser.document()
    }

    private init(lexer: GraphQLLexer, limits: DecodingLimits) {
        self.lexer = lexer
        self.limits = limits
    }

    private mutating func document() throws(WireError) -> GraphQLDocument {
        var document = GraphQLDocument()
        try advance()
        repeat {
            switch token {
            case .mark(0x7B):
                try document.append(
                    GraphQLDocument.Operation(
                        kind: "query", name: nil, defaults: [:], selections: try selectionSet(depth: 1)))
            case .name("query"), .name("mutation"), .name("subscription"):
                try document.append(try operation())
            case .name("fragment"):
                try advance()
                let name = try name()
                guard name != "on" else { throw failure }
                try typeCondition()
                try directives()
                try document.append(fragment: name, try selectionSet(depth: 1))
            default: throw failure
            }
        } while token != .end
        guard !document.operations.isEmpty else { throw failure }
        return document
    }

    private mutating func operation() throws(WireError) -> GraphQLDocument.Operation {
        let kind = try name()
        var operationName: Text?
        if case .name = token { operationName = try name() }
        var defaults: [Text: GraphQLDocument.Value] = [:]
        if try take(0x28) {
            var names: Set<Text> = []
            repeat {
                try expect(0x24)
                let variable = try name()
                guard names.insert(variable).inserted else { throw .malformedGraphQL(.repeatedName) }
                try expect(0x3A)
                try type(depth: 1)
                if try take(0x3D) { defaults[variable] = try value(depth: 1) }
                try directives()
            } while try !take(0x29)
        }
        try directives()
        return GraphQLDocument.Operation(
            kind: kind, name: operationName, defaults: defaults, selections: try selectionSet(depth: 1))
    }

    private mutating func selectionSet(depth: Int) throws(WireError) -> [GraphQLDocument.Selection] {
        // Inline fragments nest without being fields, hence twice the depth; expanding counts exactly.
        guard depth <= 2 * limits.graphqlDepth else { throw .malformedGraphQL(.tooDeep) }
        try expect(0x7B)
        var set: [GraphQLDocument.Selection] = []
        repeat {
            selections += 1
            guard selections <= limits.graphqlFields else { throw .malformedGraphQL(.tooManyFields) }
            set.append(try selection(depth))
        } while try !take(0x7D)
        return set
    }

    private mutating func selection(_ depth: Int) throws(WireError) -> GraphQLDocument.Selection {
        guard case .spread = token else { return .field(try field(depth)) }
        try advance()
        switch token {
        case .name("on"): try typeCondition()
        case .name:
            let fragment = try name()
            try directives()
            return .spread(fragment)
        default: break
        }
        try directives()
        return .inline(try selectionSet(depth: depth + 1))
    }

    private mutating func field(_ depth: Int) throws(WireError) -> GraphQLDocument.Field {
        var fieldName = try name()
        var alias: Text?
        if try take(0x3A) {
            alias = fieldName
            fieldName = try name()
        }
        let arguments = try arguments()
        try directives()
        let selections = token == .mark(0x7B) ? try selectionSet(depth: depth + 1) : []
        return GraphQLDocument.Field(alias: alias, name: fieldName, arguments: arguments, selections: selections)
    }

    private mutating func arguments() throws(WireError) -> [(name: Text, value: GraphQLDocument.Value)] {
        guard try take(0x28) else { return [] }
        return try members(until: 0x29, depth: 1)
    }

    private mutating func members(
        until end: UInt8, depth: Int
    ) throws(WireError) -> [(name: Text, value: GraphQLDocument.Value)] {
        var members: [(name: Text, value: GraphQLDocument.Value)] = []
        var names: Set<Text> = []
        repeat {
            let name = try name()
            guard names.insert(name).inserted else { throw .malformedGraphQL(.repeatedName) }
            try expect(0x3A)
            members.append((name, try value(depth: depth)))
        } while try !take(end)
        return members
    }

    /// What directives do (leave a field out, most often) is up to the server: the field is judged as if it were there.
    private mutating func directives() throws(WireError) {
        while try take(0x40) {
            _ = try name()
            _ = try arguments()
        }
    }

    private mutating func typeCondition() throws(WireError) {
        guard case .name("on") = token else { throw failure }
        try advance()
        _ = try name()
    }

    private mutating func type(depth: Int) throws(WireError) {
        guard depth <= limits.graphqlValueDepth else { throw .malformedGraphQL(.tooDeep) }
        if try take(0x5B) {
            try type(depth: depth + 1)
            try expect(0x5D)
        } else {
            _ = try name()
        }
        _ = try take(0x21)
    }

    private mutating func value(depth: Int) throws(WireError) -> GraphQLDocument.Value {
        guard depth <= limits.graphqlValueDepth else { throw .malformedGraphQL(.tooDeep) }
        let current = token
        try advance()
        switch current {
        case .mark(0x24): return .variable(try name())
        case .number(let text): return .plain(text)
        case .string(let text): return .text(text)
        case .name("true"): return .plain("true")
        case .name("false"): return .plain("false")
        case .name("null"): return .plain("null")
        case .name(let text): return .text(text)
        case .mark(0x5B):
            var list: [GraphQLDocument.Value] = []
            while try !take(0x5D) { list.append(try value(depth: depth + 1)) }
            return .list(list)
        case .mark(0x7B):
            if try take(0x7D) { return .object([]) }
            return .object(try members(until: 0x7D, depth: depth + 1))
        case .mark, .spread, .end: throw failure
        }
    }

    private var failure: WireError { .malformedGraphQL(.syntax) }

    private mutating func advance() throws(WireError) { token = try lexer.next() }

    private mutating func name() throws(WireError) -> Text {
        guard case .name(let name) = token else { throw failure }
        try advance()
        return name
    }

    private mutating func take(_ mark: UInt8) throws(WireError) -> Bool {
        guard token == .mark(mark) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ mark: UInt8) throws(WireError) {
        guard try take(mark) else { throw failure }
    }
}
