package import JSON

/// One decoded outbound action: what is judged, and the very thing that is sent.
///
/// Immutable: a permit owns one, so judging one call and sending another cannot be written. A class, so that handing it
/// on costs one reference and not those of all that it is made of.
package final class Call: Sendable {
    package let id: CallID
    package let session: SessionID
    /// As spelled; methods are case-sensitive (RFC 9110 section 9.1).
    package let method: Text
    package let target: Target
    /// End-to-end fields only: hop-by-hop fields, `Host`, framing and `Tiergate-*` are gone before a call is made.
    package let fields: Fields
    package let body: Body
    package let document: Document
    package let operations: [Operation]
    /// Nothing but HTTP, as most calls are.
    package let isPlain: Bool
    package let principal: Principal

    package init(
        id: CallID, session: SessionID, method: Text, target: Target, fields: Fields, body: Body, document: Document,
        operations: [Operation], principal: Principal
    ) {
        self.id = id
        self.session = session
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.document = document
        self.operations = operations
        isPlain = operations.count <= 1 && operations.allSatisfy { if case .http = $0 { true } else { false } }
        self.principal = principal
    }

    /// The same without what only judging needed: a call that waits may wait long.
    package var judged: Call {
        if case .none = document, isPlain { return self }
        return Call(
            id: id, session: session, method: method, target: target, fields: fields, body: body,
            document: .opaque("it has been judged"), operations: [], principal: principal)
    }
}

/// A call is itself and no other, however alike they are.
extension Call: Hashable {
    package static func == (a: Call, b: Call) -> Bool { a === b }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
