package import Calls
import JSON

/// The one reading of a request: what the gate judges and sends, and what rule tests judge.
package enum CallReader {
    /// - Parameters:
    ///   - scheme: how the agent speaks inside a tunnel; nil outside one.
    ///   - tunnel: whom CONNECT named; nil outside one.
    ///   - principal: makes a principal of a credential; hashing an opaque one needs a key that this module does not have.
    package static func read(
        id: CallID, session: SessionID, scheme: Scheme?, tunnel: Authority?, head: RequestHead, body: Body,
        principal: (Credential) -> Principal
    ) throws(WireError) -> Call {
        try checkMethod(head.method)
        let isSigned = SignatureScope.coversPath(head.fields, target: head.target.bytes)
        let target = try TargetReader.read(
            head.target, hostField: head.fields.first(.host), scheme: scheme, tunnel: tunnel,
            isSigned: isSigned)
        let method = MethodOverride.resolved(
            head.method, for: target.authority.host, head.fields, isSigned: isSigned)
        let fields = try FieldCleaner.clean(head.fields, method: method.bytes)
        let document = try document(body, fields)
        try MethodOverride.check(method, target.query, document)
        let credential = Credential.read(fields, query: target.query)
        let operation = try AWSOperation.read(target, fields, document, credential: credential)
        return Call(
            id: id, session: session, method: method, target: target, fields: fields, body: body,
            document: document, operations: [operation ?? .http], principal: principal(credential))
    }

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

    private static func document(_ body: Body, _ fields: Fields) throws(WireError) -> Document {
        switch body {
        case .none:
            return .none
        case .bytes(let bytes):
            return try DocumentReader.read(
                bytes, contentType: fields.first(.contentType), contentEncoding: fields.first(.contentEncoding))
        case .spooled, .streamed:
            return .opaque("a body over the inspection limit")
        }
    }
}
