import Calls
import Client
import Holds
import JSON
import Stores
import System
import Wire

/// The only code that sends: a call that passes at once and a held one that a person let go, after a restart too, whether
/// the agent is still there or not.
///
/// One a loop, and confined to it.
///
/// What is never inlined, here and beside, would have its room in the frames that wait for an upstream or a person: `send`
/// is four times as large without, `deliver` twice.
final class Dispatcher: @unchecked Sendable {
    let services: Services
    let connector: Connector
    let loop: EventLoop

    /// An answer up to here is kept in memory while it is sealed for an agent that left; larger ones are not kept.
    static let keptAnswer = 8 << 20
    /// Written to the agent in one piece at most, so that a slow one holds little.
    private static let piece = 64 << 10
    /// Interim heads (1xx) before the answer; more are an upstream that never answers.
    static let interimHeads = 16

    init(services: Services, connector: Connector, loop: EventLoop) {
        self.services = services
        self.connector = connector
        self.loop = loop
    }

    /// Connects, spends the permit, sends the call, and brings the answer back.
    ///
    /// - Parameter exchange: the agent, where it waits; nil sends for an agent that left.
    func send(_ permit: consuming Permit, answering exchange: Exchange?) async throws(CallFailure) -> Outcome {
        let hold = permit.hold
        let connection: Connector.Connection
        do throws(UpstreamFailure) {
            connection = try await connector.connection(to: permit.target, isFresh: hold != nil)
        } catch {
            await unsent(hold)
            throw .upstream(error)
        }
        let call: Call
        do throws(PermitFailure) {
            call = try permit.spend(
                at: services.now(), under: services.rules.digest, heeding: services.gate.killSwitch)
        } catch {
            await unsent(hold, isKilled: error.isKill)
            throw .permit(error)
        }
        // From here on bytes leave: nothing is tried twice.
        do throws(Loss) {
            let relayed =
                if let upload = write(call, to: connection, from: exchange) {
                    try await relay(connection, beside: upload, answering: call, to: exchange, of: hold)
                } else {
                    try await answer(connection, nil, to: call, for: exchange, of: hold)
                }
            if let hold {
                if relayed.status == 401, call.principal.isRenewed {
                    await unsent(hold)
                } else {
                    await finish(hold, relayed)
                }
            }
            return relayed.outcome
        } catch {
            if let refusal = error.refusal {
                await unsent(hold)
                throw .upstream(refusal)
            }
            if let hold {
                do throws(GateFailure) {
                    try await services.gate.loseTrack(hold, cause: error.cause)
                } catch {
                    services.log("hold \(hold.id) is uncertain, and that could not be written: \(error)")
                }
            }
            throw .lostAfterSending(cause: error.cause, hold: hold?.id)
        }
    }

    /// Something went wrong between the first byte sent and the last byte received.
    struct Loss: Error {
        let cause: String
        /// Set where the proxy on the way kept the call, so that it never reached its upstream.
        var refusal: UpstreamFailure?
    }

    @inline(never)
    private func unsent(_ hold: Hold?, isKilled: Bool = false) async {
        guard let hold else { return }
        do throws(GateFailure) {
            try await services.gate.returnUnsent(hold, isKilled: isKilled)
        } catch {
            services.log("hold \(hold.id) was not sent, and its approval could not be given back: \(error)")
        }
    }

    @inline(never)
    private func finish(_ hold: Hold, _ answer: Relayed) async {
        do throws(GateFailure) {
            try await services.gate.finish(
                hold, status: answer.status, content: answer.kept.map { Content(bytes: $0) },
                isDelivered: answer.isDelivered)
        } catch {
            services.log("hold \(hold.id) was answered, and that could not be written: \(error)")
        }
    }

    // MARK: The request

    /// Writes what the kernel takes at once, which is nearly always everything; what is left is the upload's.
    @inline(never)
    func write(_ call: Call, to connection: Connector.Connection, from exchange: Exchange?) -> Upload? {
        let stream = connection.stream
        let reader = connection.reader.map { HTTPWriter.Reader.proxy(authorization: $0.authorization) } ?? .upstream
        var output = stream.pool.takeOutput()
        defer { stream.pool.give(output: &output) }
        output.reserveCapacity(1024)
        var rest: Upload.Source?
        switch call.body {
        case .none:
            HTTPWriter.request(call, framing: .none, for: reader, into: &output)
        case .bytes(let bytes):
            HTTPWriter.request(call, framing: .length(UInt64(bytes.count)), for: reader, into: &output)
            output.append(contentsOf: bytes)
        case .spooled(let name, let length, let digest):
            HTTPWriter.request(call, framing: .length(UInt64(length)), for: reader, into: &output)
            rest = .spool(services.spool, name: name, length: length, digest: digest)
        case .streamed(let length):
            HTTPWriter.request(call, framing: length.map { .length($0) } ?? .chunked, for: reader, into: &output)
            rest = .agent(exchange, isChunked: length == nil)
        }
        do throws(IOError) {
            let count = try stream.writeNow(output)
            if count == output.count { return rest.map { Upload([], $0, to: stream, connector.settings) } }
            return Upload(Array(output[count...]), rest, to: stream, connector.settings)
        } catch {
            let upload = Upload([], nil, to: stream, connector.settings)
            upload.finish(error)
            return upload
        }
    }

    // MARK: The answer

    /// An answer that came whole.
    struct Relayed {
        let status: Int
        var received: UInt64 = 0
        var isDelivered: Bool
        /// The whole message, for an agent that comes later; nil where it is too large or nobody will come.
        var kept: [UInt8]?

        var outcome: Outcome {
            isDelivered
                ? .answered(status: status, received: received) : .undelivered(status: status, received: received)
        }
    }

    /// Brings the answer back while the rest of the request goes on being sent. By itself, because of the room that a
    /// second task needs.
    @inline(never)
    private func relay(
        _ connection: Connector.Connection, beside upload: Upload, answering call: Call, to exchange: Exchange?,
        of hold: Hold?
    ) async throws(Loss) -> Relayed {
        async let sending: Void = upload.run()
        let relayed: Result<Relayed, Loss>
        do throws(Loss) {
            relayed = .success(try await answer(connection, upload, to: call, for: exchange, of: hold))
        } catch {
            relayed = .failure(error)
        }
        upload.stop()
        await sending
        return try relayed.get()
    }

    private func answer(
        _ connection: Connector.Connection, _ upload: Upload?, to call: Call, for exchange: Exchange?, of hold: Hold?
    ) async throws(Loss) -> Relayed {
        let stream = connection.stream
        let head = try await readHead(from: stream, upload, to: call.method)
        if head.status == 407, let proxy = connection.reader {
            let reason = "it asks for credentials (407); see upstream.proxy_credentials"
            throw Loss(
                cause: reason,
                refusal: .proxyRefused(
                    call.target.authority.description, proxy: proxy.description, reason: reason))
        }
        var fields = ResponseFields.forwarded(head, to: call.method)
        if let hold { EditNotice.add(hold, to: &fields) }
        exchange?.begin(status: head.status, reason: head.reason, fields: fields, framing: head.framing)
        var relayed = Relayed(status: head.status, isDelivered: exchange != nil)
        var keeping: [UInt8]? = hold == nil ? nil : []
        var body = BodyDecoder(head.framing, ofRequest: false)
        var content = stream.pool.takeOutput()
        defer { stream.pool.give(output: &content) }
        while !body.isComplete {
            if stream.input.isEmpty {
                try await fill(stream, upload, &body, head.framing)
                if body.isComplete { break }
            }
            try decode(stream, &body, into: &content)
            guard body.isComplete || stream.input.isEmpty || content.count >= Dispatcher.piece else { continue }
            relayed.received += UInt64(content.count)
            keep(content, in: &keeping)
            if relayed.isDelivered { exchange?.add(content) }
            content.removeAll(keepingCapacity: true)
            if !body.isComplete {
                if relayed.isDelivered { relayed.isDelivered = await exchange?.flush() ?? false }
                // A call that passed is over with its agent; the answer to a held one is read on while it can be kept
                // for when the agent returns.
                if !relayed.isDelivered, keeping == nil { return relayed }
            }
        }
        exchange?.end()
        // Asked before the last write: an agent that has its answer may hang up at once.
        let isThere = exchange.map { !$0.hasHungUp } ?? false
        if relayed.isDelivered { relayed.isDelivered = await exchange?.flush() ?? false }
        if hold != nil, !isThere { relayed.isDelivered = false }
        if head.isPersistent, upload?.isWhole ?? true { connector.keep(connection) }
        relayed.kept = keeping.map { KeptAnswer.encode(head, fields, $0) }
        return relayed
    }

    @inline(never)
    private func keep(_ content: [UInt8], in keeping: inout [UInt8]?) {
        guard let count = keeping?.count else { return }
        if count + content.count > Dispatcher.keptAnswer { keeping = nil } else { keeping?.append(contentsOf: content) }
    }

    func readHead(
        from stream: Stream, _ upload: Upload?, to method: Text
    ) async throws(Loss) -> ResponseHead {
        let deadline = loop.now + connector.settings.answerTime
        var interims = 0
        while true {
            guard interims <= Dispatcher.interimHeads else {
                throw Loss(cause: "the upstream sent \(interims) interim answers and none that ends them")
            }
            do throws(WireError) {
                let parsed = try stream.input.read { span throws(WireError) in
                    try ResponseHead.parse(span, to: method)
                }
                if let (head, consumed) = parsed {
                    stream.input.consume(consumed)
                    // The gate answers Expect itself, so an interim head says nothing to anybody.
                    guard head.isInterim else { return head }
                    interims += 1
                    continue
                }
            } catch {
                throw Loss(cause: "the upstream's answer has no reading: \(error)")
            }
            guard try await read(stream, upload, .head, by: deadline) else {
                throw Loss(cause: "the upstream closed the connection without an answer")
            }
        }
    }

    @inline(never)
    func fill(
        _ stream: Stream, _ upload: Upload?, _ body: inout BodyDecoder, _ framing: BodyFraming
    ) async throws(Loss) {
        guard try await !read(stream, upload, .body, by: loop.now + connector.settings.readTime) else { return }
        do throws(WireError) {
            // The kernel tells of a reset once, and the upload was told: only a message with a length is whole.
            if case .refused? = upload?.end { throw .truncatedBody }
            try body.endOfStream()
        } catch {
            throw Loss(cause: "the answer was cut short")
        }
    }

    /// False at the end of the connection.
    private func read(
        _ stream: Stream, _ upload: Upload?, _ phase: UpstreamPhase, by deadline: Int64
    ) async throws(Loss) -> Bool {
        if case .failed(let cause)? = upload?.end { throw Loss(cause: cause) }
        do throws(IOError) {
            return try await stream.fill(by: deadline) > 0
        } catch {
            if case .failed(let cause)? = upload?.end { throw Loss(cause: cause) }
            throw Loss(cause: connector.settings.spoken(error, in: phase))
        }
    }

    @inline(never)
    func decode(_ stream: Stream, _ body: inout BodyDecoder, into content: inout [UInt8]) throws(Loss) {
        do throws(WireError) {
            let used = try stream.input.read { span throws(WireError) in try body.decode(span, into: &content) }
            stream.input.consume(used)
        } catch {
            throw Loss(cause: "the upstream's answer has no reading: \(error)")
        }
    }
}
