import Client
import JSON
import System
import Wire

/// One connection to the operator socket: requests in, answers out, one after the other.
final class OperatorConnection {
    private let stream: Client.Stream
    private let server: OperatorServer
    private let peer: Peer

    init(_ socket: Socket, server: OperatorServer, peer: Peer) {
        stream = Client.Stream(socket, pool: BufferPool())
        self.server = server
        self.peer = peer
    }

    private var loop: EventLoop { stream.loop }
    private var limits: OperatorLimits { server.limits }

    func run() async {
        while await stream.idle(by: loop.now + limits.idleTime) == .ready {
            guard await answerNext() else { return stream.finish() }
        }
    }

    func refuse(_ problem: OperatorProblem) async {
        guard (try? await write(.problem(problem, server.boundary), close: true)) != nil else { return }
        await stream.linger(by: loop.now + limits.lingerTime)
    }

    /// Reads one request and answers it; false where the connection is over.
    private func answerNext() async -> Bool {
        let deadline = loop.now + limits.requestTime
        let head: RequestHead
        let body: [UInt8]
        do throws(OperatorProblem) {
            guard let read = try await readHead(by: deadline) else { return false }
            head = read
            body = try await readBody(of: head, by: deadline)
        } catch {
            // Where a request ends that could not be read nobody knows: this connection has no next one.
            await refuse(error)
            return false
        }
        let reply = await server.reply(to: head, body: body, from: peer)
        let isLast = !head.isPersistent || loop.isStopping
        do throws(IOError) { try await write(reply, close: isLast) } catch { return false }
        return !isLast
    }

    private func readHead(by deadline: Int64) async throws(OperatorProblem) -> RequestHead? {
        while true {
            do throws(WireError) {
                let read = try stream.input.read { bytes throws(WireError) in
                    try RequestHead.parse(bytes, limits: limits.head)
                }
                if let (head, consumed) = read {
                    stream.input.consume(consumed)
                    return head
                }
            } catch {
                throw .malformedRequest(error)
            }
            guard try await fill(by: deadline) else { return nil }
        }
    }

    private func readBody(of head: RequestHead, by deadline: Int64) async throws(OperatorProblem) -> [UInt8] {
        if case .length(let length) = head.framing, length > UInt64(limits.bodyBytes) {
            throw .bodyTooLarge(limit: limits.bodyBytes)
        }
        var decoder = BodyDecoder(head.framing, limits: limits.head)
        var body: [UInt8] = []
        if head.expectsContinue, !decoder.isComplete {
            do throws(IOError) {
                try await stream.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), by: deadline)
            } catch {
                throw .requestTimeout
            }
        }
        while !decoder.isComplete {
            do throws(WireError) {
                let consumed = try stream.input.read { bytes throws(WireError) in
                    try decoder.decode(bytes, into: &body)
                }
                stream.input.consume(consumed)
            } catch {
                throw .malformedRequest(error)
            }
            guard body.count <= limits.bodyBytes else { throw .bodyTooLarge(limit: limits.bodyBytes) }
            guard !decoder.isComplete else { break }
            guard try await fill(by: deadline) else { throw .malformedRequest(.truncatedBody) }
        }
        return body
    }

    /// False where nothing more comes.
    private func fill(by deadline: Int64) async throws(OperatorProblem) -> Bool {
        do throws(IOError) {
            return try await stream.fill(by: deadline) > 0
        } catch {
            switch error {
            case .timedOut: throw .requestTimeout
            case .interrupted, .system, .tls, .truncated: return false
            }
        }
    }

    private func write(_ reply: OperatorReply, close: Bool) async throws(IOError) {
        var bytes: [UInt8] = []
        reply.write(server: "tiergate/\(server.version)", close: close, into: &bytes)
        try await stream.write(bytes, by: loop.now + limits.requestTime)
    }
}
