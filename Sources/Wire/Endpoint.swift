import Calls
import JSON

/// What the path of a call says of its body beyond the content type; told by the last segment, and for most calls by its
/// length alone.
enum Endpoint: Equatable {
    case plain
    /// Elasticsearch's and OpenSearch's lines.
    case bulk, search
    /// OData's batch.
    case batch
    case graphql

    init(_ method: Text, _ target: Target) {
        let segments = target.segments
        // A trailing slash is a last empty segment.
        guard let last = segments.last?.isEmpty == true ? segments.dropLast().last : segments.last else {
            self = target.authority.host.hasPrefix("graphql.") ? Self.graphql(method) : .plain
            return
        }
        switch last.utf8.count {
        case 5 where last == "_bulk": self = Self.takesLines(method) ? .bulk : .plain
        case 8 where last == "_msearch": self = Self.takesLines(method) ? .search : .plain
        case 6 where last.asciiLowercased == "$batch": self = method == "POST" ? .batch : .plain
        case 3, 7, 12: self = Self.isGraphQL(last) ? Self.graphql(method) : .plain
        // `/graphql/v2`
        case 2 where Self.isVersion(last) && segments.dropLast().last.map(Self.isGraphQL) ?? false:
            self = Self.graphql(method)
        default: self = .plain
        }
    }

    private static func takesLines(_ method: Text) -> Bool { method == "POST" || method == "PUT" || method == "GET" }

    private static func graphql(_ method: Text) -> Endpoint {
        method == "POST" || method == "GET" || method == "QUERY" ? .graphql : .plain
    }

    private static func isGraphQL(_ segment: Text) -> Bool {
        let name = segment.asciiLowercased
        return name == "graphql" || name == "gql" || name == "graphql.json"
    }

    private static func isVersion(_ segment: Text) -> Bool {
        segment.utf8.first == 0x76 && segment.utf8.dropFirst().allSatisfy(ByteClass.isDigit)
    }
}
