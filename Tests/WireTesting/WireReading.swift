package import Calls
import JSON
package import Wire

/// A request as the gate reads it, and the bytes that it sends on.
package struct WireReading: Sendable {
    package let call: Call
    package let body: [UInt8]
    package let sent: [UInt8]

    package var method: String { call.method.string }
    package var target: String { call.target.spelling.string }
    package var host: String { call.target.authority.hostField(for: call.target.scheme) }
}

/// What the gate makes of all the bytes of a connection.
package struct WireConversation: Sendable {
    package private(set) var readings: [WireReading] = []
    package private(set) var end = End.whole

    package enum End: Equatable, Sendable {
        /// Every byte belongs to a request, or comes after the last one that the connection may carry.
        case whole
        case refused(WireError)
        /// The bytes end within a request.
        case cut
    }

    /// - Parameter step: the most that arrives at once.
    package init(_ bytes: [UInt8], by entrance: HostileMessage.Entrance, step: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(WireError) {
                guard let (reading, isLast) = try Self.next(&rest, entrance, step: step) else {
                    end = .cut
                    return
                }
                readings.append(reading)
                if isLast { return }
            } catch {
                end = .refused(error)
                return
            }
        }
    }

    package static let tunnel = Authority(host: "api.test", port: 80)

    private static func next(
        _ rest: inout ArraySlice<UInt8>, _ entrance: HostileMessage.Entrance, step: Int
    ) throws(WireError) -> (WireReading, isLast: Bool)? {
        guard let head = try head(&rest, step) else { return nil }
        guard head.method != "CONNECT" else { throw .unexpectedConnect }
        var decoder = BodyDecoder(head.framing)
        var body: [UInt8] = []
        while !decoder.isComplete {
            guard !rest.isEmpty else { return nil }
            let used = try decoder.decode(Array(rest.prefix(step)).span, into: &body)
            rest = rest.dropFirst(used)
        }
        let call = try CallReader.read(
            id: CallID("c_test"), session: SessionID("test"), scheme: entrance == .tunnel ? .http : nil,
            tunnel: entrance == .tunnel ? tunnel : nil, head: head, body: body.isEmpty ? .none : .bytes(body),
            principal: { _ in .none })
        var sent: [UInt8] = []
        HTTPWriter.request(call, framing: body.isEmpty ? .none : .length(UInt64(body.count)), into: &sent)
        return (WireReading(call: call, body: body, sent: sent + body), !head.isPersistent)
    }

    private static func head(_ rest: inout ArraySlice<UInt8>, _ step: Int) throws(WireError) -> RequestHead? {
        var count = 0
        while count < rest.count {
            count += min(step, rest.count - count)
            if let (head, consumed) = try RequestHead.parse(Array(rest.prefix(count)).span) {
                rest = rest.dropFirst(consumed)
                return head
            }
        }
        return nil
    }
}
