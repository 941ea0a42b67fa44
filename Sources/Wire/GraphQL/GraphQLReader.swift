import Calls
import JSON

/// Finds the root fields in a GraphQL request, in whichever of its forms it comes (GraphQL over HTTP; Apollo's persisted
/// queries and batches; multipart uploads).
enum GraphQLReader {
    /// What a request to an endpoint of GraphQL does; nil where it asks nothing (a page for people, a check of health).
    static func read(
        _ target: Target, _ content: BodyContent, limits: DecodingLimits
    ) throws(WireError) -> [Operation]? {
        let query = target.query.filter { isPart($0.name) }
        if content.isWithheld, case .opaque(let reason) = content.document {
            return [.unreadable(reason: Text(reason), floor: .irreversible)]
        }
        if case .graphql? = content.type?.kind {
            guard !query.contains(where: { $0.name == "query" }) else { throw .malformedGraphQL(.twoPlaces) }
            return try operations(content.bytes, try Request(query, limits).variables, limits)
        }
        switch content.document {
        case .json(let json):
            // Some servers take what the query says and others what the body says.
            guard query.isEmpty else { throw .malformedGraphQL(.twoPlaces) }
            return try read(json.root, limits)
        case .form(let form):
            guard query.isEmpty else { throw .malformedGraphQL(.twoPlaces) }
            return try Request(form.filter { isPart($0.name) }, limits).operations(limits)
        case .multipart(let parts):
            guard query.isEmpty else { throw .malformedGraphQL(.twoPlaces) }
            return try upload(parts, limits)
        case .none:
            return query.isEmpty ? nil : try Request(query, limits).operations(limits)
        case .opaque(let reason):
            return [.unreadable(reason: Text(reason), floor: .irreversible)]
        }
    }

    /// What a JSON document asks that is a GraphQL request by its looks alone, or a list of such; nil where it is none, as
    /// prose behind the key `query` is.
    static func guess(_ root: JSONNode, limits: DecodingLimits) -> [Operation]? {
        guard root.kind == .array ? root.elements.contains(where: looksLikeRequest) : looksLikeRequest(root) else {
            return nil
        }
        do throws(WireError) {
            return try read(root, limits)
        } catch {
            if case .malformedGraphQL(.syntax) = error { return nil }
            return [.unreadable(reason: "a GraphQL query that has no one reading", floor: .external)]
        }
    }

    private static func looksLikeRequest(_ node: JSONNode) -> Bool { node["query"]?.text.map(looksLikeQuery) ?? false }

    private static func looksLikeQuery(_ text: Text) -> Bool {
        var lexer = GraphQLLexer(text.bytes)
        switch try? lexer.next() {
        case .mark(0x7B): return true
        case .name("query"), .name("mutation"), .name("subscription"), .name("fragment"): return true
        default: return false
        }
    }

    private static func read(_ root: JSONNode, _ limits: DecodingLimits) throws(WireError) -> [Operation] {
        guard root.kind == .array else { return try Request(root, limits).operations(limits) }
        guard root.count > 0 else { throw .malformedGraphQL(.shape) }
        var operations: [Operation] = []
        for element in root.elements {
            operations += try Request(element, limits).operations(limits)
            guard operations.count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
        }
        return operations
    }

    /// The part `operations` of a request with files is the request itself.
    private static func upload(_ parts: [FormPart], _ limits: DecodingLimits) throws(WireError) -> [Operation] {
        let main = parts.filter { $0.name == "operations" }
        guard main.count == 1, let content = main.first?.content else { throw .malformedGraphQL(.shape) }
        switch content {
        case .json(let json): return try read(json.root, limits)
        case .text(let text):
            guard let json = try? JSONDocument.parse(text.bytes) else { throw .malformedGraphQL(.shape) }
            return try read(json.root, limits)
        case .bytes: throw .malformedGraphQL(.shape)
        }
    }

    private static func isPart(_ name: Text) -> Bool {
        ["query", "variables", "operationName", "extensions"].contains(name)
    }

    static func operations(
        _ document: [UInt8], _ variables: JSONNode?, _ limits: DecodingLimits
    ) throws(WireError) -> [Operation] {
        let document = try GraphQLParser.parse(document, limits: limits)
        var expansion = GraphQLExpansion(document, variables: variables, limits: limits)
        return try expansion.operations()
    }
}
