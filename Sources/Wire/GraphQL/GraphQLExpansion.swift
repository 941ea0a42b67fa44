import Calls
import JSON

/// Puts fragments in and finds the root fields of every operation, under their real names.
///
/// All operations of a document count, whichever `operationName` picks: a server may run another one than it says.
struct GraphQLExpansion {
    private let document: GraphQLDocument
    private let variables: JSONNode?
    private let limits: DecodingLimits
    /// Fields so far, in all operations.
    private var fields = 0
    /// Fragments that are being put in, outermost first.
    private var open: [Text] = []
    /// Bytes of arguments so far: a large variable may be used many times.
    private var written = 0
    private var roots: [(field: GraphQLDocument.Field, depth: Int)] = []

    init(_ document: GraphQLDocument, variables: JSONNode?, limits: DecodingLimits) {
        self.document = document
        self.variables = variables
        self.limits = limits
    }

    mutating func operations() throws(WireError) -> [Operation] {
        var operations: [Operation] = []
        for operation in document.operations {
            roots = []
            _ = try expand(operation.selections, depth: 1)
            guard operations.count + roots.count <= limits.operations else {
                throw .tooManyOperations(limit: limits.operations)
            }
            for root in roots {
                operations.append(
                    .graphql(
                        operation: operation.kind, name: operation.name, field: root.field.name,
                        alias: root.field.alias, depth: root.depth, args: try arguments(root.field, of: operation),
                        variables: variables))
            }
        }
        return operations
    }

    /// How many fields nest below, the one at hand included.
    private mutating func expand(_ selections: [GraphQLDocument.Selection], depth: Int) throws(WireError) -> Int {
        guard depth <= limits.graphqlDepth else { throw .malformedGraphQL(.tooDeep) }
        var deepest = 0
        for selection in selections {
            switch selection {
            case .field(let field):
                fields += 1
                guard fields <= limits.graphqlFields else { throw .malformedGraphQL(.tooManyFields) }
                let below = field.selections.isEmpty ? 0 : try expand(field.selections, depth: depth + 1)
                if depth == 1 { roots.append((field, below)) }
                deepest = max(deepest, below + 1)
            case .inline(let selections):
                deepest = max(deepest, try expand(selections, depth: depth))
            case .spread(let name):
                guard let selections = document.fragments[name] else { throw .malformedGraphQL(.unknownFragment) }
                guard !open.contains(name) else { throw .malformedGraphQL(.cycle) }
                guard open.count < limits.graphqlDepth else { throw .malformedGraphQL(.tooDeep) }
                open.append(name)
                deepest = max(deepest, try expand(selections, depth: depth))
                open.removeLast()
            }
        }
        return deepest
    }

    private mutating func arguments(
        _ field: GraphQLDocument.Field, of operation: GraphQLDocument.Operation
    ) throws(WireError) -> JSONNode? {
        guard !field.arguments.isEmpty else { return nil }
        var bytes: [UInt8] = []
        try write(.object(field.arguments), operation.defaults, into: &bytes)
        written += bytes.count
        // Variables come from a document of their own, whose depth adds to that of the literal around them.
        do throws(JSONError) { return try JSONDocument.parse(bytes).root } catch { throw .malformedJSON(error) }
    }

    private func write(
        _ value: GraphQLDocument.Value, _ defaults: [Text: GraphQLDocument.Value], into bytes: inout [UInt8]
    ) throws(WireError) {
        guard written + bytes.count <= limits.decodedBytes else { throw .contentExpands(limit: limits.decodedBytes) }
        switch value {
        case .plain(let text): bytes += text.utf8
        case .text(let text): bytes += JSONWriter.string(text.string)
        case .variable(let name):
            if let given = variables?[name] {
                bytes += given.spelling
            } else if let value = defaults[name] {
                // A default holds no variables (section 5.8.2); one that does finds no defaults, and ends here.
                try write(value, [:], into: &bytes)
            } else {
                bytes += "null".utf8
            }
        case .list(let values):
            bytes.append(0x5B)
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                try write(value, defaults, into: &bytes)
            }
            bytes.append(0x5D)
        case .object(let members):
            bytes.append(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                bytes += JSONWriter.string(member.name.string)
                bytes.append(0x3A)
                try write(member.value, defaults, into: &bytes)
            }
            bytes.append(0x7D)
        }
    }
}
