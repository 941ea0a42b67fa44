import Calls
import Client
import Holds
import JSON
import Synchronization
import System
import Wire

/// A look at what a held call is about to change: when it is held, for the person who decides, and right before it is sent,
/// because what was decided by must be so still.
extension Dispatcher {
    /// Bytes of an answer.
    static let observationBytes = 64 << 10
    /// Milliseconds for one look, connecting included.
    static let observationTime: Int64 = 5_000
    /// Looks for one call, however many rules ask for one.
    static let mostObservations = 4

    private static let pause: Int64 = 10

    /// Begins to look, beside the wait for a decision.
    func observe(_ held: HeldCall) {
        let hold = held.hold
        guard !hold.facts.terms.observations.isEmpty else { return }
        _ = services.beingObserved.withLock { $0.insert(hold.id) }
        loop.spawn { [self] in
            let seen = await look(hold.facts.terms.observations, as: held.call)
            do throws(GateFailure) {
                try await services.gate.note(seen, of: hold.id)
            } catch {
                services.log("what hold \(hold.id) is about to change was seen, and could not be kept: \(error)")
            }
            _ = services.beingObserved.withLock { $0.remove(hold.id) }
        }
    }

    /// Looks once more; nil where it is not as it was when a person decided, and the hold went back to one.
    ///
    /// What could be seen when the call was held must be seen now. Where nothing could be then, the person has decided
    /// without, and nothing is compared.
    @inline(never)
    func seen(_ held: HeldCall) async throws(CallFailure) -> HeldCall? {
        let observations = held.hold.facts.terms.observations
        guard !observations.isEmpty else { return held }
        while services.beingObserved.withLock({ $0.contains(held.hold.id) }) {
            await loop.sleep(milliseconds: Self.pause)
        }
        do throws(GateFailure) {
            let before = try await services.gate.seen(of: held.hold)
            let now = await look(observations, as: held.call)
            let difference =
                before.map { Sighting.difference(seen: $0, now: now) }
                ?? "what it is about to change had not been looked at"
            guard let difference else {
                return held.now(held.hold, entityTag: now.lazy.compactMap { $0.entityTag(for: held.call) }.first)
            }
            try await services.gate.turnBack(held.hold, difference, seeing: now)
            return nil
        } catch {
            throw .gate(error)
        }
    }

    private func look(_ observations: [Verdict.Observation], as call: Call) async -> [Sighting] {
        var seen: [Sighting] = []
        var asked: Set<Verdict.Observation> = []
        for observation in observations.prefix(Self.mostObservations) where asked.insert(observation).inserted {
            seen.append(await look(observation, as: call))
        }
        return seen
    }

    /// By a task of its own, which may take longer than anybody waits for it.
    private func look(_ observation: Verdict.Observation, as call: Call) async -> Sighting {
        let result = Later<Sighting>()
        loop.spawn { [self] in result.set(await sight(observation, as: call)) }
        let deadline = loop.now + Self.observationTime
        while loop.now < deadline {
            if let sighting = result.value { return sighting }
            await loop.sleep(milliseconds: Self.pause)
        }
        return Sighting(path: observation.path, failure: "no answer in \(Self.observationTime / 1000) s")
    }

    private func sight(_ observation: Verdict.Observation, as call: Call) async -> Sighting {
        do throws(Unseen) {
            let (head, body) = try await fetch(observation.path, as: call)
            guard (200..<300).contains(head.status) else { throw Unseen("the upstream answered \(head.status)") }
            guard !head.fields.contains("content-encoding") else { throw Unseen("the answer is compressed") }
            guard let document = try? JSONDocument.parse(body) else {
                throw Unseen("the answer is not JSON with one reading")
            }
            let tag = head.fields.count(of: "etag") == 1 ? head.fields.text("etag")?.string : nil
            return Sighting(observation, document, entityTag: tag)
        } catch {
            return Sighting(path: observation.path, failure: error.reason)
        }
    }

    /// Why nothing was seen.
    private struct Unseen: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// A call of its own: read, judged, admitted and recorded like every other; only what passes as reading is sent.
    private func fetch(_ path: String, as call: Call) async throws(Unseen) -> (ResponseHead, [UInt8]) {
        let record = services.newRecord(for: call.session)
        let observing = try reading(path, as: call, id: record.id)
        let session = services.sessions.known(call.session)
        let verdict = services.judge(observing, of: session)
        guard verdict.tier == .readOnly, verdict.disposition == .pass, verdict.flags.isEmpty else {
            throw Unseen("the look itself is tier \(verdict.tier.rawValue), and only reading is done unasked")
        }
        record.note(observing, verdict)
        defer { services.journal.close(record) }
        do throws(CallFailure) {
            let (head, body) = try await fetch(observing, verdict, record)
            record.outcome = .answered(status: head.status, received: UInt64(body.count))
            return (head, body)
        } catch {
            let refusal = Refusal(error)
            record.outcome = refusal.outcome
            throw Unseen("\(refusal.title) (\(refusal.code))")
        }
    }

    private func fetch(
        _ call: Call, _ verdict: Verdict, _ record: Record
    ) async throws(CallFailure) -> (ResponseHead, [UInt8]) {
        switch try await admitted(call, verdict, record) {
        case .held: throw .gate(.blocked(reason: "it would be held"))
        case .now(let permit):
            let connection = try await connection(to: permit.target)
            let sent: Call
            do throws(PermitFailure) {
                sent = try permit.spend(
                    at: services.now(), under: services.rules.digest, heeding: services.gate.killSwitch)
            } catch {
                throw .permit(error)
            }
            do throws(Loss) {
                return try await exchange(sent, over: connection)
            } catch {
                throw .lostAfterSending(cause: error.cause, hold: nil)
            }
        }
    }

    private func admitted(
        _ call: Call, _ verdict: Verdict, _ record: Record
    ) async throws(CallFailure) -> Admission {
        do throws(GateFailure) {
            return try await services.gate.admit(call, verdict, record)
        } catch {
            throw .gate(error)
        }
    }

    private func connection(to target: Target) async throws(CallFailure) -> Connector.Connection {
        do throws(UpstreamFailure) {
            return try await connector.connection(to: target, isFresh: true)
        } catch {
            throw .upstream(error)
        }
    }

    private func exchange(
        _ call: Call, over connection: Connector.Connection
    ) async throws(Loss) -> (ResponseHead, [UInt8]) {
        guard write(call, to: connection, from: nil) == nil else {
            throw Loss(cause: "the upstream took nothing of the request")
        }
        let stream = connection.stream
        let head = try await readHead(from: stream, nil, to: call.method)
        var body = BodyDecoder(head.framing, ofRequest: false)
        var content: [UInt8] = []
        while !body.isComplete {
            if stream.input.isEmpty {
                try await fill(stream, nil, &body, head.framing)
                if body.isComplete { break }
            }
            try decode(stream, &body, into: &content)
            guard content.count <= Self.observationBytes else {
                throw Loss(cause: "the answer has more than \(Self.observationBytes >> 10) KiB")
            }
        }
        if head.isPersistent { connector.keep(connection) }
        return (head, content)
    }

    // MARK: What is asked

    /// Fields that say something about the call's own body, condition or form, and nothing about a look.
    private static let leftOut: Set<Text> = [
        "accept", "accept-encoding", "range", "expect", "prefer", "idempotency-key", "x-http-method",
        "x-http-method-override", "x-method-override",
    ]

    /// The look as bytes, read by the one strict reader: same authority, same agent, nothing of a body.
    private func reading(_ path: String, as call: Call, id: CallID) throws(Unseen) -> Call {
        guard !path.isEmpty else { throw Unseen("a value that its path needs is not in the call") }
        guard path.utf8.first == 0x2F, path.utf8.allSatisfy({ $0 &- 0x21 < 0x5E }) else {
            throw Unseen("its path is not spelled as paths are")
        }
        if let cover = BodySignature.covering(call) { throw Unseen("\(cover) is for the call alone") }
        var fields = call.fields.filter { index in
            guard let name = Text(utf8: call.fields.name(at: index))?.asciiLowercased else { return false }
            return !Self.leftOut.contains(name) && !name.hasPrefix("content-") && !name.hasPrefix("if-")
        }
        fields.append("Accept", "application/json")
        let target = call.target
        let bytes = CallArchive.encode(
            Call(
                id: id, session: call.session, method: "GET",
                target: Target(
                    scheme: target.scheme, authority: target.authority, segments: [], query: [], spelling: Text(path)),
                fields: fields, body: .none, document: .none, operations: [.http], principal: call.principal)
        ).bytes
        do throws(WireError) {
            guard let (head, _) = try RequestHead.parse(bytes.span) else { throw WireError.truncatedBody }
            let look = try CallReader.read(
                id: id, session: call.session, scheme: nil, tunnel: nil, head: head, body: .none,
                knowing: services.site.current, principal: services.principal)
            guard look.target.authority == target.authority, look.target.scheme == target.scheme,
                look.principal == call.principal
            else { throw WireError.truncatedBody }
            return look
        } catch {
            throw Unseen("the look has no reading (\(error.code))")
        }
    }
}

extension Sighting {
    /// The tag of the very resource that the call changes, for `If-Match`; weak tags never match there (RFC 9110 section
    /// 13.1.1).
    fileprivate func entityTag(for call: Call) -> String? {
        guard let entityTag, entityTag.hasPrefix("\""), entityTag.hasSuffix("\""), Text(path) == call.target.spelling,
            ["PUT", "PATCH", "DELETE", "POST"].contains(call.method.string), entityTag.utf8.count <= 256
        else { return nil }
        return entityTag
    }
}

/// A value that another task gives later.
private final class Later<Value: Sendable>: Sendable {
    private let box = Mutex<Value?>(nil)

    var value: Value? { box.withLock { $0 } }

    func set(_ value: Value) { box.withLock { $0 = value } }
}
