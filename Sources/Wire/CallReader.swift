package import Calls
import JSON

/// The one reading of a request: what the gate judges and sends, and what rule tests judge.
package enum CallReader {
    /// What a site knows of its upstreams beyond the request.
    package struct Knowledge: Sendable {
        /// Servers of the Model Context Protocol that have names; the others are called by their hosts.
        package var servers: [MCPServer]
        package var descriptors: GRPCDescriptors?
        package var limits: DecodingLimits

        /// Made once, not for each call.
        package static let nothing = Knowledge()

        package init(
            servers: [MCPServer] = [], descriptors: GRPCDescriptors? = nil, limits: DecodingLimits = .default
        ) {
            self.servers = servers
            self.descriptors = descriptors
            self.limits = limits
        }

        /// The name of the server there, the one with the longest path of several; nil where it has none.
        fileprivate func server(at target: Target) -> Text? {
            servers.filter { $0.covers(target) }.max { $0.path.count < $1.path.count }?.name
        }
    }

    /// - Parameters:
    ///   - scheme: how the agent speaks inside a tunnel; nil outside one.
    ///   - tunnel: whom CONNECT named; nil outside one.
    ///   - principal: makes a principal of a credential; hashing an opaque one needs a key that this module does not have.
    package static func read(
        id: CallID, session: SessionID, scheme: Scheme?, tunnel: Authority?, head: RequestHead, body: Body,
        knowing knowledge: Knowledge = .nothing, principal: (Credential) -> Principal
    ) throws(WireError) -> Call {
        try checkMethod(head.method)
        let isSigned = SignatureScope.coversPath(head.fields, head.target)
        let target = try TargetReader.read(
            head.target, hostField: head.fields.first(.host), scheme: scheme, tunnel: tunnel,
            isSigned: isSigned)
        let method = MethodOverride.resolved(
            head.method, for: target.authority.host, head.fields, isSigned: isSigned)
        let fields = try FieldCleaner.clean(head.fields, method: method)
        return try call(id, session, method, target, fields, body, knowledge, isInner: false, principal)
    }

    private static func call(
        _ id: CallID, _ session: SessionID, _ method: Text, _ target: Target, _ fields: Fields, _ body: Body,
        _ knowledge: Knowledge, isInner: Bool, _ principal: (Credential) -> Principal
    ) throws(WireError) -> Call {
        let endpoint = Endpoint(method, target)
        let content = try content(endpoint, fields, body, knowledge.limits)
        try MethodOverride.check(method, target.query, content.document)
        let credential = Credential.read(fields, query: target.query)
        let owner = principal(credential)
        let single: [Operation]? =
            if let operation = try AWSOperation.read(target, fields, content.document, credential: credential) {
                [operation]
            } else {
                OperationReader.isPlain(method, endpoint, content) ? plain : nil
            }
        if let single {
            return Call(
                id: id, session: session, method: method, target: target, fields: fields, body: body,
                document: content.document, operations: single, principal: owner)
        }
        let reader = OperationReader(
            method: method, target: target, endpoint: endpoint, content: content, server: knowledge.server(at: target),
            descriptors: knowledge.descriptors, limits: knowledge.limits)
        let operations = try reader.read { entry, inner throws(WireError) in
            // Each would unpack to as much as the whole call may.
            guard !isInner, entry.fields.first(.contentEncoding) == nil else { throw .malformedBatch }
            try checkMethod(entry.method)
            let innerFields = try FieldCleaner.clean(entry.fields, method: entry.method)
            return try call(
                id, session, entry.method, inner, innerFields, entry.body.isEmpty ? .none : .bytes(entry.body),
                knowledge, isInner: true
            ) { $0 == .none ? owner : principal($0) }
        }
        var document = content.document
        if let descriptors = knowledge.descriptors {
            document =
                try GRPCReader.document(
                    target, content, descriptors: descriptors, limits: knowledge.limits) ?? document
        }
        return Call(
            id: id, session: session, method: method, target: target, fields: fields, body: body,
            document: document, operations: operations, principal: owner)
    }

    /// What most calls are, made once.
    private static let plain: [Operation] = [.http]

    /// Methods are case-sensitive, but some servers are not.
    private static func checkMethod(_ method: Text) throws(WireError) {
        guard method != "CONNECT" else { throw .unexpectedConnect }
        let capital = method.asciiUppercased
        guard capital == method || !knownMethods.contains(capital.string) else { throw .malformedMethod }
    }

    private static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PROPFIND",
        "PROPPATCH",
        "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "REPORT", "PURGE", "LINK", "UNLINK", "BIND", "MERGE",
        "ACL",
    ]

    private static func content(
        _ endpoint: Endpoint, _ fields: Fields, _ body: Body, _ limits: DecodingLimits
    ) throws(WireError) -> BodyContent {
        let (type, coding) = (fields.first(.contentType), fields.first(.contentEncoding))
        switch body {
        case .none:
            return BodyContent(nil, [], .none)
        case .bytes(let bytes):
            return try DocumentReader.read(
                bytes, contentType: type, contentEncoding: coding,
                isLines: endpoint == .bulk || endpoint == .search, limits: limits)
        case .spooled, .streamed:
            let kind = try type.flatMap { value throws(WireError) in value.isEmpty ? nil : try ContentType(value) }
            return BodyContent(kind, [], .opaque("a body over the inspection limit"), isWithheld: true)
        }
    }
}
