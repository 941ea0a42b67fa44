import Calls
import JSON
import Wire

/// An answer as one HTTP/1.1 message, for the agent that comes for it later.
enum KeptAnswer {
    static func encode(_ head: ResponseHead, _ fields: Fields, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 1024)
        let framing: BodyFraming = head.framing == .none ? .none : .length(UInt64(content.count))
        HTTPWriter.response(
            status: head.status, reason: head.reason, fields: fields, framing: framing, close: false, into: &bytes)
        bytes.append(contentsOf: content)
        return bytes
    }

    /// Nil where the bytes are not what `encode` made.
    static func decode(_ bytes: [UInt8], to method: Text) -> (head: ResponseHead, content: [UInt8])? {
        guard let (head, consumed) = try? ResponseHead.parse(bytes.span, to: method) else { return nil }
        return (head, Array(bytes[consumed...]))
    }
}
