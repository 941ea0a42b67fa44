import Client
import JSON
import Synchronization
import System
import Wire

/// One request over the operator socket and its answer, on a loop of its own.
struct OperatorExchange: Sendable {
    /// An answer larger than this is not one of ours.
    private static let answerLimit = 64 << 20

    let path: String
    let request: [UInt8]
    let method: Text
    /// Milliseconds for all of it.
    let patience: Int64

    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    private final class Outcome: Sendable {
        private let result = Mutex<Result<Answer, OperatorFailure>?>(nil)

        var value: Result<Answer, OperatorFailure>? { result.withLock { $0 } }

        func set(_ value: Result<Answer, OperatorFailure>) { result.withLock { $0 = value } }
    }

    /// Takes the calling thread until the answer is there.
    func run() throws(OperatorFailure) -> Answer {
        let loop: EventLoop
        do throws(IOError) { loop = try EventLoop() } catch { throw .broken(path: path, reason: error.description) }
        let outcome = Outcome()
        loop.spawn {
            do throws(OperatorFailure) {
                outcome.set(.success(try await exchange(on: loop)))
            } catch {
                outcome.set(.failure(error))
            }
        }
        loop.run { outcome.value != nil }
        guard let result = outcome.value else { throw .broken(path: path, reason: "nothing was answered") }
        return try result.get()
    }

    private func exchange(on loop: EventLoop) async throws(OperatorFailure) -> Answer {
        let deadline = loop.now + patience
        let socket: Socket
        do throws(IOError) {
            socket = try await Socket.connect(to: .unix(path: path), on: loop, by: deadline)
        } catch {
            throw OperatorFailure(connecting: path, error)
        }
        let stream = Client.Stream(socket, pool: BufferPool())
        // Where the gate refuses at once it may close before it has read all; its answer is there nevertheless.
        try? await stream.write(request, by: deadline)
        let head = try await head(from: stream, by: deadline)
        return Answer(status: head.status, body: try await body(of: head, from: stream, by: deadline))
    }

    private func head(from stream: Client.Stream, by deadline: Int64) async throws(OperatorFailure) -> ResponseHead {
        while true {
            guard try await fill(stream, by: deadline) else {
                throw .broken(path: path, reason: "the connection was closed without an answer")
            }
            do throws(WireError) {
                let read = try stream.input.read { bytes throws(WireError) in
                    try ResponseHead.parse(bytes, to: method)
                }
                if let (head, consumed) = read {
                    stream.input.consume(consumed)
                    return head
                }
            } catch {
                throw .notUnderstood(path: path, reason: error.description)
            }
        }
    }

    private func body(
        of head: ResponseHead, from stream: Client.Stream, by deadline: Int64
    ) async throws(OperatorFailure) -> [UInt8] {
        var decoder = BodyDecoder(head.framing)
        var body: [UInt8] = []
        while true {
            do throws(WireError) {
                let consumed = try stream.input.read { bytes throws(WireError) in
                    try decoder.decode(bytes, into: &body)
                }
                stream.input.consume(consumed)
            } catch {
                throw .notUnderstood(path: path, reason: error.description)
            }
            if decoder.isComplete { return body }
            guard body.count <= Self.answerLimit else {
                throw .notUnderstood(path: path, reason: "its answer has more than \(Self.answerLimit) bytes")
            }
            guard try await fill(stream, by: deadline) else {
                throw .broken(path: path, reason: "the connection was closed in the middle of the answer")
            }
        }
    }

    /// False where nothing more comes.
    private func fill(_ stream: Client.Stream, by deadline: Int64) async throws(OperatorFailure) -> Bool {
        do throws(IOError) {
            return try await stream.fill(by: deadline) > 0
        } catch {
            throw .broken(path: path, reason: error.description)
        }
    }
}
