import Calls
import JSON

/// Finds what one call does: itself, or the operations that its body holds.
struct OperationReader {
    let method: Text
    let target: Target
    let endpoint: Endpoint
    let content: BodyContent
    /// What the site calls the server of the Model Context Protocol behind this target; nil for its host.
    let server: Text?
    let descriptors: GRPCDescriptors?
    let limits: DecodingLimits

    /// Makes a call of a request inside this one.
    typealias Inner = (BatchReader.Entry, Target) throws(WireError) -> Call

    func read(_ inner: Inner) throws(WireError) -> [Operation] {
        if case .grpc(let format)? = content.type?.kind {
            return try GRPCReader.read(target, content, format, descriptors: descriptors, limits: limits)
        }
        switch endpoint {
        case .bulk, .search:
            if case .none = content.document { break }
            return try bulk(inner)
        case .batch: return try batch(inner)
        case .graphql, .plain: break
        }
        if case .multipart("mixed", _)? = content.type?.kind {
            // A batch, wherever it goes (Google's have paths of their own), unless its parts say otherwise.
            if content.isWithheld { return [unreadable] }
            if let entries = try BatchReader.entries(content.parts, limits: limits) {
                return try operations(entries, inner)
            }
        }
        if endpoint == .graphql || content.type?.kind == .graphql,
            let operations = try GraphQLReader.read(target, content, limits: limits)
        {
            return operations
        }
        switch content.document {
        case .json(let json): return try operations(json.root)
        // JSON that nobody has read may be a call of a tool, or a batch of them.
        case .opaque(let reason) where mayHoldJSON && !isStorage:
            return [.unreadable(reason: Text(reason), floor: .readOnly)]
        case .none, .form, .multipart, .opaque: return [.http]
        }
    }

    /// Whether method, path and the keys of the body say at once that the call is its one operation, as most are.
    static func isPlain(_ method: Text, _ endpoint: Endpoint, _ content: BodyContent) -> Bool {
        guard endpoint == .plain else { return false }
        switch content.document {
        case .none: return content.type.map { if case .grpc = $0.kind { false } else { true } } ?? true
        case .form: return true
        case .json(let json):
            let root = json.root
            guard root.kind != .array, root.hasKey(where: TellingKeys.contains) else { return root.kind != .array }
            return false
        case .multipart, .opaque: return false
        }
    }

    private var mayHoldJSON: Bool {
        switch content.type?.kind {
        case .json, .plainText, nil: content.isWithheld
        // An upload that is JSON and does not say so: some servers read it all the same.
        // One line of lines is a document like any other.
        case .other, .jsonLines: DocumentReader.looksLikeJSON(content.bytes)
        case .form, .multipart, .graphql, .grpc: false
        }
    }

    /// Amazon's S3 keeps what it is sent, and looks for no call in it. Its hosts say so; a credential's scope may be anybody's.
    private var isStorage: Bool { AWSHost(target.authority.host)?.service == "s3" }

    /// What a JSON body does that says itself what it is, wherever it goes.
    private func operations(_ root: JSONNode) throws(WireError) -> [Operation] {
        guard method == "POST" || method == "PUT" || method == "PATCH" || method == "GET" || method == "QUERY" else {
            return [.http]
        }
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

    // MARK: Batches

    private func bulk(_ inner: Inner) throws(WireError) -> [Operation] {
        guard !content.isWithheld else { return [unreadable] }
        var requests: [(BatchReader.Entry, Target)] = []
        for entry in try BulkReader.entries(endpoint, target, content.bytes, limits: limits) {
            var fields = Fields()
            if entry.body != nil { fields.append("Content-Type", "application/json") }
            // Names of documents are data here and no path: a slash in one of them separates nothing.
            let spelling = Text(entry.segments.map { "/" + Percent.encoded($0) }.joined())
            let single = Target(
                scheme: target.scheme, authority: target.authority, segments: entry.segments, query: [],
                spelling: spelling)
            requests.append(
                (BatchReader.Entry(method: entry.method, url: spelling, fields: fields, body: entry.body ?? []), single)
            )
        }
        return try operations(requests, inner)
    }

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
        var requests: [(BatchReader.Entry, Target)] = []
        for entry in entries { requests.append((entry, try self.target(of: entry))) }
        return try operations(requests, inner)
    }

    private func operations(
        _ requests: [(BatchReader.Entry, Target)], _ inner: Inner
    ) throws(WireError) -> [Operation] {
        var operations: [Operation] = [.wrapper]
        var count = 0
        for (entry, target) in requests {
            let call = try inner(entry, target)
            count += call.operations.count
            guard count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
            operations.append(.batched(call))
        }
        return operations
    }

    /// The target of an entry as that of a request of its own; another host than the batch's is refused.
    private func target(of entry: BatchReader.Entry) throws(WireError) -> Target {
        let host = entry.fields.first(.host)
        let bytes = entry.url.bytes
        if isPrefixed(bytes[...], "http://") || isPrefixed(bytes[...], "https://") {
            let single = try TargetReader.read(entry.url, hostField: host, scheme: nil, tunnel: nil, isSigned: false)
            guard single.authority == target.authority, single.scheme == target.scheme else { throw .malformedBatch }
            return single
        }
        // Microsoft Graph takes every URL from the root of its version; others only those without a slash in front.
        let isRooted = bytes.first == 0x2F && !Self.graphHosts.contains(target.authority.host)
        let path = target.spelling.bytes.prefix { $0 != 0x3F }
        let base = isRooted ? [] : path.prefix(through: path.lastIndex(of: 0x2F) ?? path.startIndex)
        guard let url = Text(utf8: isRooted ? bytes[...] : base + bytes.drop { $0 == 0x2F }) else {
            throw .malformedBatch
        }
        return try TargetReader.read(
            url, hostField: host, scheme: target.scheme, tunnel: target.authority, isSigned: false)
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
