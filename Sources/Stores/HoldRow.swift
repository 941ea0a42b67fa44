import Calls
package import Holds
package import JSON

/// A hold as a row, and back; a row that says something else than the gate wrote is damage, never a guess.
enum HoldRow {
    static let columns =
        """
        id, session, call, digest, repeat_key, idempotency, created, expires, version, state, detail, facts, original,
        deliberation
        """

    static func hold(_ row: Database.Row) throws(StoreFailure) -> Hold {
        guard let id = HoldID(try row.text(0)) else { throw row.damaged(0) }
        guard let version = Int(exactly: try row.integer(8)) else { throw row.damaged(8) }
        return Hold(
            id: id, session: SessionID(try row.text(1)), call: CallID(try row.text(2)), digest: try digest(row, 3),
            original: row.isNull(12) ? nil : try digest(row, 12), repeatKey: try digest(row, 4),
            idempotency: row.isNull(5) ? nil : try digest(row, 5),
            created: Timestamp(milliseconds: try row.integer(6)), facts: try facts(row, 11),
            expires: Timestamp(milliseconds: try row.integer(7)), state: try state(row),
            deliberation: try deliberation(row, 13), version: version)
    }

    private static func digest(_ row: Database.Row, _ column: Int32) throws(StoreFailure) -> Digest {
        guard let digest = Digest(try row.blob(column)) else { throw row.damaged(column) }
        return digest
    }

    private static func state(_ row: Database.Row) throws(StoreFailure) -> HoldState {
        guard let detail = try? JSONDocument.parse(Array(try row.text(10).utf8)).root,
            let state = HoldState(name: try row.text(9), detail: detail)
        else { throw row.damaged(10) }
        return state
    }

    private static func deliberation(
        _ row: Database.Row, _ column: Int32
    ) throws(StoreFailure) -> Deliberation {
        let text = try row.text(column)
        // Most holds: nobody has done anything yet.
        if text == "{}" { return Deliberation() }
        guard let json = try? JSONDocument.parse(Array(text.utf8)).root, let deliberation = Deliberation(json) else {
            throw row.damaged(column)
        }
        return deliberation
    }

    private static func facts(_ row: Database.Row, _ column: Int32) throws(StoreFailure) -> Hold.Facts {
        guard let json = try? JSONDocument.parse(Array(try row.text(column).utf8)).root,
            let facts = Hold.Facts(json)
        else { throw row.damaged(column) }
        return facts
    }
}

extension HoldState {
    /// What the state carries, beside its name.
    package var detail: String {
        let bytes = JSONWriter.object { object in
            switch self {
            case .pending, .expired, .withdrawn: break
            case .approved(let decision), .rejected(let decision), .sending(let decision): decision.write(to: &object)
            case .uncertain(let cause), .stale(let cause), .killed(let cause): object.field("cause", cause)
            case .done(let answer):
                answer.decision.write(to: &object)
                object.field("status", answer.status)
                object.field("delivery", answer.delivery.rawValue)
            case .resolved(let resolution):
                resolution.decision.write(to: &object)
                object.field("executed", resolution.wasExecuted)
                object.field("told", resolution.isTold)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package init?(name: String, detail: JSONNode) {
        switch name {
        case "pending": self = .pending
        case "expired": self = .expired
        case "withdrawn": self = .withdrawn
        case "approved":
            guard let decision = Decision(detail) else { return nil }
            self = .approved(decision)
        case "rejected":
            guard let decision = Decision(detail) else { return nil }
            self = .rejected(decision)
        case "sending":
            guard let decision = Decision(detail) else { return nil }
            self = .sending(decision)
        case "uncertain":
            guard let cause = detail["cause"]?.text else { return nil }
            self = .uncertain(cause: cause.string)
        case "stale":
            guard let cause = detail["cause"]?.text else { return nil }
            self = .stale(cause: cause.string)
        case "killed":
            guard let cause = detail["cause"]?.text else { return nil }
            self = .killed(cause: cause.string)
        case "done":
            guard let status = detail["status"]?.integer.flatMap({ Int(exactly: $0) }),
                let delivery = detail["delivery"]?.text.flatMap({ Answer.Delivery(rawValue: $0.string) }),
                let decision = Decision(detail)
            else { return nil }
            self = .done(Answer(status: status, delivery: delivery, decision: decision))
        case "resolved":
            guard let decision = Decision(detail), let executed = detail["executed"]?.bool,
                let told = detail["told"]?.bool
            else { return nil }
            self = .resolved(Resolution(decision: decision, wasExecuted: executed, isTold: told))
        default: return nil
        }
    }
}

extension Decision {
    func write(to object: inout JSONWriter.Object) {
        object.field("uid", by.uid)
        object.field("name", by.name)
        object.field("at", at.milliseconds)
        object.field("reason", reason)
        object.field("now", isImmediate)
        guard let signature else { return }
        object.field("signer", signature.signer)
        object.field("key", signature.key)
    }

    init?(_ json: JSONNode) {
        guard let uid = json["uid"]?.integer.flatMap({ UInt32(exactly: $0) }), let name = json["name"]?.text,
            let at = json["at"]?.integer, let isImmediate = json["now"]?.bool
        else { return nil }
        var signature: Signature?
        if json["signer"] != nil || json["key"] != nil {
            guard let signer = json["signer"]?.text, let key = json["key"]?.text else { return nil }
            signature = Signature(signer: signer.string, key: key.string)
        }
        self.init(
            by: Operator(uid: uid, name: name.string), at: Timestamp(milliseconds: at),
            reason: json["reason"]?.text?.string, isImmediate: isImmediate, signature: signature)
    }
}
