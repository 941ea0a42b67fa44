import JSON

/// An executable GraphQL document: what is asked for, with fragments still apart.
struct GraphQLDocument {
    struct Operation {
        /// `query`, `mutation` or `subscription`.
        let kind: Text
        let name: Text?
        /// Defaults of its variables.
        let defaults: [Text: Value]
        let selections: [Selection]
    }

    struct Field {
        let alias: Text?
        let name: Text
        let arguments: [(name: Text, value: Value)]
        let selections: [Selection]
    }

    indirect enum Selection {
        case field(Field)
        case spread(Text)
        case inline([Selection])
    }

    indirect enum Value {
        case variable(Text)
        /// A number, `true`, `false` or `null`, spelled as JSON spells it.
        case plain(Text)
        /// A string, or the name of an enumeration's value.
        case text(Text)
        case list([Value])
        case object([(name: Text, value: Value)])
    }

    private(set) var operations: [Operation] = []
    private(set) var fragments: [Text: [Selection]] = [:]

    mutating func append(_ operation: Operation) throws(WireError) {
        // An unnamed operation stands alone (section 5.2.2.1).
        guard operations.allSatisfy({ $0.name != nil && $0.name != operation.name }),
            operations.isEmpty || operation.name != nil
        else { throw .malformedGraphQL(.repeatedName) }
        operations.append(operation)
    }

    mutating func append(fragment name: Text, _ selections: [Selection]) throws(WireError) {
        guard fragments.updateValue(selections, forKey: name) == nil else {
            throw .malformedGraphQL(.repeatedName)
        }
    }
}
