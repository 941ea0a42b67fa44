import Calls
import Client
import Holds
import JSON
import Rules
import Stores
import System
import Wire

/// One request of an agent and the answer to it: the agent's side of the straight line.
///
/// `decode` takes the request in; then exactly one of an upstream's answer (`begin`, `send`, `end`), a kept answer
/// (`replay`) or a refusal (`refuse`) goes back.
final class Exchange {
    /// Whose call it is.
    let owner: Session
    var session: SessionID { owner.id }
    /// Why it is refused whatever it says; nil where nothing stands against it.
    var bar: CallFailure?
    /// The least that it counts for, whatever rules say.
    var floor: VerdictFloor?
    /// The other side does not speak HTTP: a refusal is recorded, and nothing is said.
    var isMute = false
    /// What was read before the body; a head without a reading is refused by `decode`, so that it is recorded too.
    private var head: Result<RequestHead, WireError>
    private let stream: Stream
    /// The authority of the tunnel that the request came through; nil for absolute form.
    private let tunnel: Tunnel?
    private let credentials: Credentials
    private var body: BodyDecoder
    /// The first part of a body that is streamed.
    private var pending: [UInt8] = []
    private var output: [UInt8] = []
    private var framing = BodyFraming.none
    /// Whether the agent may have any byte of an answer.
    private var hasLeft = false
    /// Whether the connection may carry another request.
    private(set) var isReusable = true

    /// Whom a CONNECT was for, and what is spoken inside.
    struct Tunnel {
        let authority: Authority
        let scheme: Scheme
    }

    /// What a head has beside its fields.
    private static let headRoom = 256
    /// Made room for at once behind a head, so that a usual answer is put together without being moved.
    private static let bodyRoom = 16 << 10
    /// For a request's body that does not come; one that comes has a second more for every `bodyRate` bytes, so that a
    /// byte a minute does not keep memory and a place for ever.
    static let bodyTime: Int64 = 60_000
    static let bodyRate: Int64 = 500
    /// Until the agent takes what is written.
    static let writeTime: Int64 = 60_000

    init(
        _ head: consuming Result<RequestHead, WireError>, on stream: Stream, tunnel: Tunnel?, session: Session,
        credentials: Credentials
    ) {
        self.head = head
        self.stream = stream
        self.tunnel = tunnel
        owner = session
        self.credentials = credentials
        body = BodyDecoder((try? head.get())?.framing ?? .none)
    }

    private var request: RequestHead? { try? head.get() }

    /// Milliseconds that the client waits at least.
    var patience: Int64 {
        var isMCP = false
        if case .rpc(let question)? = spoken { isMCP = question.isMCP }
        return WaitTime.automatic(
            for: request?.fields.text("user-agent"), googleClient: request?.fields.text("x-goog-api-client"),
            isMCP: isMCP)
    }

    // MARK: The request

    /// Reads the body as far as it must be known, and makes the call.
    ///
    /// A body up to `inspection.limit` is read whole. A larger one streams where no rule could hold the call or wants to
    /// see the rest; otherwise it is put aside whole, sealed, and judged as what nobody could look into.
    func decode(_ id: CallID, within services: Services) async throws(CallFailure) -> Call {
        let head: RequestHead
        if let bar { throw bar }
        do throws(WireError) { head = try self.head.get() } catch { throw .malformed(error) }
        (bodyTime, bodyRate) = (services.settings.bodyTime, services.settings.bodyRate)
        let limit = services.settings.inspectionLimit
        let start = try await readBody(upTo: limit, within: owner.bodies)
        if body.isComplete { return note(try call(id, head, start.isEmpty ? .none : .bytes(start), services), start) }
        let large = note(try call(id, head, .streamed(length: declaredLength), services), start)
        if floor == nil, services.canStream(large) {
            pending = start
            return large
        }
        return try call(id, head, try await putAside(start, in: services), services)
    }

    // By itself, as all that is never inlined here: `decode` would wait in a frame five times as large.
    @inline(never)
    private func call(
        _ id: CallID, _ head: RequestHead, _ body: Body, _ services: Services
    ) throws(CallFailure) -> Call {
        do throws(WireError) {
            return try CallReader.read(
                id: id, session: session, scheme: tunnel?.scheme, tunnel: tunnel?.authority, head: head, body: body,
                knowing: services.site.current, principal: credentials.principal)
        } catch {
            throw .malformed(error)
        }
    }

    /// How a refusal of this call would be told.
    @inline(never)
    private func note(_ call: Call, _ beginning: [UInt8]) -> Call {
        if Refusal.Spoken.isPossible(call) { spoken = Refusal.Spoken(call, beginning: beginning) }
        return call
    }

    private var spoken: Refusal.Spoken?
    private var dialect: Refusal.Dialect?

    private func chosenDialect() -> Refusal.Dialect {
        dialect ?? Refusal.Dialect(request, tunnel: tunnel?.authority.host, spoken: spoken)
    }

    private var declaredLength: UInt64? { if case .length(let length)? = request?.framing { length } else { nil } }

    /// Content up to a little over `limit`, or all of it.
    private func readBody(upTo limit: Int, within budget: MemoryBudget) async throws(CallFailure) -> [UInt8] {
        var content: [UInt8] = []
        if let length = declaredLength { content.reserveCapacity(min(Int(clamping: length), limit)) }
        while !body.isComplete, content.count <= limit {
            try await readPiece(into: &content)
            switch budget.take(&reserved, upTo: content.count) {
            case nil: break
            case .own: throw .overLimit(.memory, retryAfter: 5)
            case .everybodys: throw .busy
            }
        }
        return content
    }

    /// What the body takes of the memory that all bodies have.
    private var reserved = 0

    private func readPiece(into content: inout [UInt8]) async throws(CallFailure) {
        do throws(IOError) {
            if stream.input.isEmpty {
                if request?.expectsContinue == true { try await invite() }
                try await awaitPiece()
            }
        } catch {
            isReusable = false
            throw .incomplete(error)
        }
        do throws(WireError) {
            let used = try stream.input.read { span throws(WireError) in try body.decode(span, into: &content) }
            stream.input.consume(used)
        } catch {
            isReusable = false
            throw .malformed(error)
        }
    }

    private var bodyTime = Exchange.bodyTime
    private var bodyRate = Exchange.bodyRate
    /// What has come of the body, and how long the agent was waited for; waiting for the upstream is not its fault.
    private var arrived: Int64 = 0
    private var waited: Int64 = 0

    private func awaitPiece() async throws(IOError) {
        let start = stream.loop.now
        let patience = min(bodyTime, bodyTime + arrived * 1000 / bodyRate - waited)
        guard patience > 0 else { throw .timedOut }
        let count = try await stream.fill(by: start + patience)
        guard count > 0 else { throw .truncated }
        arrived += Int64(count)
        waited += stream.loop.now - start
    }

    private var isInvited = false

    /// A client that asked first (`Expect: 100-continue`) is told to send its body.
    private func invite() async throws(IOError) {
        guard !isInvited else { return }
        isInvited = true
        try await stream.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), by: stream.loop.now + Exchange.writeTime)
    }

    private func putAside(_ start: [UInt8], in services: Services) async throws(CallFailure) -> Body {
        let limit = services.settings.bodyLimit
        guard declaredLength ?? 0 <= UInt64(limit) else { throw .bodyTooLarge(limit: limit) }
        var file = try newSpoolFile(services.spool)
        var piece = start
        while true {
            guard file.length + piece.count <= limit else { throw .bodyTooLarge(limit: limit) }
            do throws(StoreFailure) { try file.append(piece) } catch { throw .spool(error) }
            guard !body.isComplete else { break }
            piece.removeAll(keepingCapacity: true)
            try await readPiece(into: &piece)
        }
        do throws(StoreFailure) {
            let stored = try file.finish()
            spooled = stored.name
            return .spooled(name: stored.name, length: stored.length, digest: stored.digest)
        } catch {
            throw .spool(error)
        }
    }

    private func newSpoolFile(_ spool: Spool) throws(CallFailure) -> SpoolWriter {
        do throws(StoreFailure) { return try spool.create() } catch { throw .spool(error) }
    }

    /// The body's spool file where nobody else owns it.
    private var spooled: String?

    /// The hold that this call made keeps the body.
    func leaveBodyToHold() { spooled = nil }

    /// For a long wait: of the head, only what an answer is written by.
    func letGoOfHead() {
        dialect = chosenDialect()
        head = head.map(\.withoutFields)
    }

    /// Removes what was put aside for this exchange alone.
    func discardBody(_ services: Services) {
        if let spooled { services.spool.remove(spooled) }
        owner.bodies.give(&reserved)
        stream.pool.give(output: &output)
    }

    /// The next piece of a body that is streamed; nil after the last.
    func nextPiece() async throws(CallFailure) -> [UInt8]? {
        if !pending.isEmpty {
            var piece: [UInt8] = []
            swap(&piece, &pending)
            return piece
        }
        guard !body.isComplete else { return nil }
        var piece: [UInt8] = []
        try await readPiece(into: &piece)
        return piece
    }

    /// The upstream has answered and wants no more of a body that is streamed.
    func stopReading() {
        isReusable = false
        stream.socket.interruptReading()
    }

    // MARK: The answer

    /// Writes the head of an answer; its fields are end-to-end ones only.
    @inline(never)
    func begin(status: Int, reason: [UInt8], fields: Fields, framing: BodyFraming) {
        self.framing = framing
        if !body.isComplete || request?.isPersistent != true || stream.loop.isStopping { isReusable = false }
        switch framing {
        // A 1.0 client reads no chunks: the end of the connection is the end of the body.
        case .chunked, .untilClose:
            let isOld = request?.minorVersion == 0
            self.framing = isOld ? .untilClose : .chunked
            if isOld { isReusable = false }
        case .none, .length: break
        }
        var size = fields.size + Exchange.headRoom
        if case .length(let length) = self.framing { size += Int(clamping: min(length, UInt64(Exchange.bodyRoom))) }
        if output.isEmpty { output = stream.pool.takeOutput() }
        output.reserveCapacity(size)
        HTTPWriter.response(
            status: status, reason: reason, fields: fields, framing: self.framing, close: !isReusable, into: &output)
    }

    @inline(never)
    func add(_ content: [UInt8]) {
        switch framing {
        case .chunked: HTTPWriter.chunk(content.span, into: &output)
        case .none: break
        case .length, .untilClose: output.append(contentsOf: content)
        }
    }

    @inline(never)
    func end() {
        if framing == .chunked { HTTPWriter.lastChunk(into: &output) }
    }

    /// Hands what was written so far to the agent; false where it has gone.
    func flush() async -> Bool {
        guard !output.isEmpty else { return true }
        hasLeft = true
        do throws(IOError) {
            try await stream.write(output, by: stream.loop.now + Exchange.writeTime)
            output.removeAll(keepingCapacity: true)
            return true
        } catch {
            isReusable = false
            return false
        }
    }

    /// Whether the agent has closed its side, so that what is written now may reach nobody though the kernel takes it.
    ///
    /// An agent that only stopped sending looks the same: it gets its answer, and the identical call would get it again.
    var hasHungUp: Bool { stream.socket.hasHungUp }

    /// Says why not. Where the agent has a part of an answer, all that is left is to cut it so that it sees that.
    @inline(never)
    func refuse(_ refusal: Refusal) async {
        guard !hasLeft else {
            isReusable = false
            return stream.socket.resetOnClose()
        }
        guard !isMute else {
            isReusable = false
            return
        }
        // An answer that was begun and has not left: nobody knows of it.
        output.removeAll(keepingCapacity: true)
        let dialect = refusal.form(chosenDialect())
        let content = refusal.body(dialect)
        if refusal.closes { isReusable = false }
        begin(
            status: refusal.status(dialect), reason: Array(refusal.phrase.utf8), fields: refusal.fields(dialect),
            framing: .length(UInt64(content.count)))
        if request?.method != "HEAD" { add(content) }
        _ = await flush()
    }

    /// The empty push by which git asks whether it may send a large one.
    var isProbe: Bool { if case .gitPush(let push)? = spoken { push.isProbe } else { false } }

    /// Where a large push will wait for a person, there is nothing to decide about the empty one before it, and nothing is
    /// sent.
    @inline(never)
    func answerProbe() async -> Outcome {
        _ = await answer([], type: GitPush.answerType)
        return .parked(status: 200)
    }

    /// Sends an answer of the gate's own.
    func answer(_ content: [UInt8], type: String = "application/json") async -> Bool {
        let fields: Fields = ["Content-Type": type, "Cache-Control": "no-store"]
        begin(status: 200, reason: Array("OK".utf8), fields: fields, framing: .length(UInt64(content.count)))
        add(content)
        return await flush()
    }

    // MARK: Waiting

    /// Waits for a hold to go on, as long as the client lasts.
    func wait(_ waiter: Waiter, until deadline: Int64) async -> Waiter.Turn {
        let timer = stream.loop.timer(at: deadline) { waiter.wake(.timedOut) }
        stream.socket.watchHangup { waiter.wake(.gone) }
        defer {
            timer.cancel()
            stream.socket.watchHangup(nil)
        }
        stream.letGoOfBuffer()
        return await waiter.turn()
    }
}
