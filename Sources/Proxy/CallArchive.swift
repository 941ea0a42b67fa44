package import Calls
package import Holds
import JSON
package import Wire

/// A held call as the store keeps it: one HTTP/1.1 message in absolute form, read back by the same strict decoder that
/// read it from the agent.
package enum CallArchive {
    package static func encode(_ call: Call) -> Content {
        var bytes: [UInt8] = []
        let target = call.target
        let start = "\(call.method) \(target.description) HTTP/1.1\r\nHost: "
        bytes.append(contentsOf: start.utf8)
        bytes.append(contentsOf: target.authority.hostField(for: target.scheme).utf8)
        bytes.append(contentsOf: "\r\n".utf8)
        for index in 0..<call.fields.count {
            bytes.append(contentsOf: call.fields.name(at: index))
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: call.fields.value(at: index))
            bytes.append(contentsOf: "\r\n".utf8)
        }
        switch call.body {
        case .bytes(let content):
            bytes.append(contentsOf: "Content-Length: \(content.count)\r\n\r\n".utf8)
            bytes.append(contentsOf: content)
            return Content(bytes: bytes)
        case .spooled(let name, let length, let digest):
            bytes.append(contentsOf: "Content-Length: \(length)\r\n\r\n\(digest)".utf8)
            return Content(bytes: bytes, spool: name)
        // A call that is held is never streamed: `Exchange.decode` reads it whole.
        case .none, .streamed:
            bytes.append(contentsOf: "\r\n".utf8)
            return Content(bytes: bytes)
        }
    }

    package static func decode(
        _ content: Content, _ hold: Hold, knowing knowledge: CallReader.Knowledge = CallReader.Knowledge(),
        principal: (Credential) -> Principal
    ) throws(StoreFailure) -> Call {
        do throws(WireError) {
            guard let (head, consumed) = try RequestHead.parse(content.bytes.span) else {
                throw WireError.truncatedBody
            }
            let rest = Array(content.bytes[consumed...])
            return try CallReader.read(
                id: hold.call, session: hold.session, scheme: nil, tunnel: nil, head: head,
                body: body(head, rest, content.spool), knowing: knowledge, principal: principal)
        } catch {
            throw .damaged(reason: "the stored call of \(hold.id) has no reading: \(error.code)")
        }
    }

    private static func body(_ head: RequestHead, _ rest: [UInt8], _ spool: String?) throws(WireError) -> Body {
        guard case .length(let length) = head.framing else { return .none }
        if let spool {
            guard let digest = Digest(hexadecimal: String(decoding: rest, as: UTF8.self)) else {
                throw .truncatedBody
            }
            return .spooled(name: spool, length: Int(clamping: length), digest: digest)
        }
        guard UInt64(rest.count) == length else { throw .truncatedBody }
        return rest.isEmpty ? .none : .bytes(rest)
    }
}
