import Calls
import JSON

extension GraphQLReader {
    /// One request: a query, or the name of one that the server keeps.
    struct Request {
        private var query: Text?
        private(set) var variables: JSONNode?

        /// From the members of a JSON object; others than these are the server's own.
        init(_ root: JSONNode, _ limits: DecodingLimits) throws(WireError) {
            guard root.kind == .object else { throw .malformedGraphQL(.shape) }
            guard !KeySpelling.hasVariant(root, of: ["query", "variables", "operationName", "extensions"]) else {
                throw .malformedGraphQL(.twoPlaces)
            }
            if let node = root["query"], !node.isNull {
                guard let text = node.text else { throw .malformedGraphQL(.shape) }
                query = text
            }
            variables = try Self.object(root["variables"])
            _ = try Self.object(root["extensions"])
            if let name = root["operationName"], !name.isNull, name.text == nil { throw .malformedGraphQL(.shape) }
        }

        /// From the parameters of a query or a form, where variables are JSON in a text.
        init(_ parameters: [Parameter], _ limits: DecodingLimits) throws(WireError) {
            guard Set(parameters.map(\.name)).count == parameters.count else { throw .malformedGraphQL(.twoPlaces) }
            for parameter in parameters {
                switch parameter.name {
                case "query": query = parameter.value
                case "variables": variables = try Self.object(parameter.value)
                case "extensions": _ = try Self.object(parameter.value)
                default: break
                }
            }
        }

        func operations(_ limits: DecodingLimits) throws(WireError) -> [Operation] {
            guard let query, !query.isEmpty else {
                return [.unreadable(reason: "a stored GraphQL query that only the server knows", floor: .irreversible)]
            }
            return try GraphQLReader.operations(query.bytes, variables, limits)
        }

        private static func object(_ text: Text) throws(WireError) -> JSONNode? {
            guard !text.isEmpty else { return nil }
            guard let json = try? JSONDocument.parse(text.bytes) else { throw .malformedGraphQL(.shape) }
            return try object(json.root)
        }

        private static func object(_ node: JSONNode?) throws(WireError) -> JSONNode? {
            guard let node, !node.isNull else { return nil }
            guard node.kind == .object else { throw .malformedGraphQL(.shape) }
            return node
        }
    }
}
