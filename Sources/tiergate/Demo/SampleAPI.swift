import Calls
import Client
import Crypto
import JSON
import Synchronization
import System
import Wire

/// A small API on loopback that speaks like Stripe's, for the demonstration: it keeps nothing and counts payouts.
final class SampleAPI: Sendable {
    static let host = "api.stripe.com"

    let address: SocketAddress
    private let listener: Listener
    private let leaf: Leaf
    private let tls: TLSServerContext
    private let payoutCount = Mutex(0)

    /// - Parameter authority: whom the gate is told to trust for this upstream.
    init(authority: CertificateAuthority) throws {
        listener = try Listener(.ip(.v4(0x7F00_0001), port: 0))
        address = listener.address
        leaf = try authority.leaf(for: SampleAPI.host)
        tls = try TLSServerContext()
    }

    /// How many payouts reached the API.
    var payouts: Int { payoutCount.withLock { $0 } }

    func serve(on loop: EventLoop) async {
        try? await listener.accept(on: loop) { descriptor, _, _ in
            await self.converse(descriptor, on: loop)
        }
    }

    private func converse(_ descriptor: CInt, on loop: EventLoop) async {
        do {
            let socket = try Socket(owning: descriptor, on: loop)
            let stream = Stream(socket, pool: BufferPool())
            let session = try tls.accept(socket.fd, readiness: socket.readiness, as: leaf)
            try await stream.start(session, by: loop.now + 5_000)
            while await stream.idle(by: loop.now + 60_000) == .ready {
                guard let head = try await readHead(stream) else { return }
                let form = try await readBody(stream, head.framing)
                try await stream.write(answer(head, form), by: loop.now + 5_000)
            }
        } catch {
            // The gate closes connections when it likes; the next one starts anew.
        }
    }

    private func readHead(_ stream: Stream) async throws -> RequestHead? {
        while true {
            let parsed = try stream.input.read { span throws(WireError) in try RequestHead.parse(span) }
            if let (head, consumed) = parsed {
                stream.input.consume(consumed)
                return head
            }
            guard try await stream.fill(by: stream.loop.now + 5_000) > 0 else { return nil }
        }
    }

    private func readBody(_ stream: Stream, _ framing: BodyFraming) async throws -> [UInt8] {
        var body = BodyDecoder(framing)
        var content: [UInt8] = []
        while !body.isComplete {
            if stream.input.isEmpty, try await stream.fill(by: stream.loop.now + 5_000) == 0 { return content }
            let used = try stream.input.read { span throws(WireError) in try body.decode(span, into: &content) }
            stream.input.consume(used)
        }
        return content
    }

    private func answer(_ head: RequestHead, _ form: [UInt8]) -> [UInt8] {
        let content: [UInt8]
        switch (head.method.string, head.target.string.prefix { $0 != "?" }) {
        case ("GET", "/v1/customers"):
            content = JSONWriter.object { list in
                list.field("object", "list")
                list.array("data") { data in
                    data.object {
                        $0.field("id", "cus_Ada"); $0.field("email", "ada@example.com")
                    }
                }
            }
        case ("POST", "/v1/products"):
            content = JSONWriter.object {
                $0.field("id", "prod_Gold")
                $0.field("object", "product")
            }
        case ("POST", "/v1/payouts"):
            payoutCount.withLock { $0 += 1 }
            content = JSONWriter.object { payout in
                payout.field("id", "po_1")
                payout.field("object", "payout")
                payout.field("status", "in_transit")
            }
        default:
            content = JSONWriter.object { $0.object("error") { $0.field("message", "no such path in the sample") } }
        }
        var bytes: [UInt8] = []
        HTTPWriter.response(
            status: 200, reason: Array("OK".utf8), fields: ["Content-Type": "application/json"],
            framing: .length(UInt64(content.count)), close: false, into: &bytes)
        return bytes + content
    }
}
