import Calls
import JSON

/// Finds what one call does: itself, or the operations that its body holds.
struct OperationReader {
    let method: Text
    let target: Target
    let fields: Fields
    let content: Content
    let credential: Credential
    /// What the site calls the server of the Model Context Protocol behind this target; nil for its host.
    let server: Text?
    let descriptors: GRPCDescriptors?
    let limits: DecodingLimits

    /// Makes a call of a request inside this one, whose target is spelled as the text.
    typealias Inner = (BatchReader.Entry, Text) throws(WireError) -> Call

    func read(_ inner: Inner) throws(WireError) -> [Operation] {
        if let operation = try AWSOperation.read(target, fields, content.document, credential: credential) {
            return [operation]
        }
        if case .grpc(let format)? = content.type?.kind {
            return try GRPCReader.read(target, content, format, descriptors: descriptors, limits: limits)
        }
        if let endpoint = BulkReader.Endpoint(method, target), isLines { return try bulk(endpoint, inner) }
        if isBatchEndpoint { return try batch(inner) }
        if !content.parts.isEmpty, case .multipart("mixed", _)? = content.type?.kind,
            let entries = try BatchReader.entries(content.parts, limits: limits)
        {
            return try operations(entries, inner)
        }
        if isGraphQL, let operations = try GraphQLReader.read(target, content, limits: limits) { return operations }
        if case .json(let json) = content.document { return try operations(json.root) }
        return [.http]
    }

    /// What a JSON body does that says itself what it is, wherever it goes.
    private func operations(_ root: JSONNode) throws(WireError) -> [Operation] {
        guard method == "POST" || method == "PUT" || method == "PATCH" || method == "GET" || method == "QUERY" else {
            return [.http]
        }
        // Most bodies have none of these keys, and are not looked through for each.
        guard root.kind == .array || root.hasKey(where: TellingKeys.contains) else { return [.http] }
        var operations: [Operation] = []
        if RPCReader.isRPC(root) {
            operations = try RPCReader.read(root, server: server ?? target.authority.host, limits: limits)
        }
        // A body that is two things does both of them: nobody knows which its server looks for.
        if let fields = GraphQLReader.guess(root, limits: limits) { operations += fields }
        if operations.isEmpty, let kind = SQLField.kind(in: root) { operations = [.sql(kind: kind)] }
        return operations.isEmpty ? [.http] : try limited(operations)
    }

    private func limited(_ operations: [Operation]) throws(WireError) -> [Operation] {
        guard operations.count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
        return operations
    }

    // MARK: GraphQL

    private var isGraphQL: Bool {
        if case .graphql? = content.type?.kind { return true }
        return (method == "POST" || method == "GET" || method == "QUERY") && GraphQLReader.isEndpoint(target)
    }

    // MARK: Batches

    private var isLines: Bool { if case .none = content.document { false } else { true } }

    private func bulk(_ endpoint: BulkReader.Endpoint, _ inner: Inner) throws(WireError) -> [Operation] {
        guard !content.bytes.isEmpty else { return [unreadable] }
        let entries = try BulkReader.entries(endpoint, target, content.bytes, limits: limits)
        return try operations(
            entries.map { entry in
                var fields = Fields()
                if entry.body != nil { fields.append("Content-Type", "application/json") }
                let path = entry.segments.map { "/" + Percent.encoded($0) }.joined()
                return BatchReader.Entry(method: entry.method, url: Text(path), fields: fields, body: entry.body ?? [])
            }, inner)
    }

    private var isBatchEndpoint: Bool { method == "POST" && target.segments.last?.asciiLowercased == "$batch" }

    private func batch(_ inner: Inner) throws(WireError) -> [Operation] {
        switch content.document {
        case .json(let json): return try operations(try BatchReader.entries(json.root, limits: limits), inner)
        default:
            guard !content.parts.isEmpty else { return [unreadable] }
            guard let entries = try BatchReader.entries(content.parts, limits: limits) else { throw .malformedBatch }
            return try operations(entries, inner)
        }
    }

    private func operations(_ entries: [BatchReader.Entry], _ inner: Inner) throws(WireError) -> [Operation] {
        var operations: [Operation] = [.wrapper]
        var count = 0
        for entry in entries {
            let call = try inner(entry, try url(entry.url))
            count += call.operations.count
            guard count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
            operations.append(.batched(call))
        }
        return operations
    }

    /// The target of an entry as a request of its own would spell it.
    private func url(_ url: Text) throws(WireError) -> Text {
        let bytes = url.bytes
        if isPrefixed(bytes[...], "http://") || isPrefixed(bytes[...], "https://") { return url }
        // Microsoft Graph takes every URL from the root of its version; others only those without a slash in front.
        let isRooted = bytes.first == 0x2F && !Self.graphHosts.contains(target.authority.host)
        guard !isRooted else { return url }
        let path = target.spelling.bytes.prefix { $0 != 0x3F }
        let base = path.prefix(through: path.lastIndex(of: 0x2F) ?? path.startIndex)
        guard let text = Text(utf8: base + bytes.drop { $0 == 0x2F }) else { throw .malformedBatch }
        return text
    }

    private static let graphHosts: Set<Text> = [
        "graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn",
    ]

    /// A body that an endpoint needs read, and that was not.
    private var unreadable: Operation {
        if case .opaque(let reason) = content.document {
            return .unreadable(reason: Text(reason), floor: .irreversible)
        }
        return .http
    }
}
