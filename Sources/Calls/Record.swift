import JSON

/// What the journal says of one call: filled in along the call path, written when it opens and when it closes.
///
/// No body, no credential, no query value: a target here is `Record.redacted(_:)`. A class, so that a call that waits
/// keeps one and not a copy at each of its steps; only the task that carries the call touches it.
package final class Record: @unchecked Sendable {
    package let id: CallID
    package let session: SessionID
    package let began: Timestamp
    package var method: String?
    package var target: String?
    package var principal: Principal?
    package var verdict: Verdict?
    package var hold: HoldID?
    package var outcome: Outcome?
    /// Set by the journal when the opening line is written: a call that was refused before that opens and closes at once.
    package var isOpened = false

    package init(id: CallID, session: SessionID, began: Timestamp) {
        self.id = id
        self.session = session
        self.began = began
    }

    /// Notes what was decoded and how it was judged.
    package func note(_ call: Call, _ verdict: Verdict) {
        method = call.method.string
        target = Record.redacted(call.target)
        principal = call.principal
        self.verdict = verdict
    }

    /// Scheme, host and path as sent, and the names of the query's parameters without their values, which may be keys.
    package static func redacted(_ target: Target) -> String {
        let spelling = target.spelling.string
        var text = ""
        text.reserveCapacity(64 + spelling.utf8.count)
        text += target.scheme.rawValue
        text += "://"
        text += target.authority.hostField(for: target.scheme)
        if let mark = spelling.utf8.firstIndex(of: UInt8(ascii: "?")) {
            text += spelling[..<mark]
        } else {
            text += spelling
        }
        var mark = "?"
        for parameter in target.query {
            text += mark
            text += parameter.name.string
            text += "=…"
            mark = "&"
        }
        return text
    }
}

/// How a call ended.
package enum Outcome: Sendable, Hashable {
    /// The upstream's response reached the agent whole.
    case answered(status: Int, received: UInt64)
    /// The upstream answered, and the agent was no longer there for (all of) it.
    case undelivered(status: Int, received: UInt64)
    /// Not sent: `code` is the stable reason the agent saw, `cause` what only the journal says.
    indirect case refused(code: String, status: Int, cause: String)
    /// Held, and the agent was told so; the hold goes on without this connection.
    case parked(status: Int)
    /// The stored response of a hold that was sent before, or for another connection of the same call.
    case collected(status: Int)
    /// Sent, at least in part, and no whole answer came back: nobody knows whether it was carried out.
    case uncertain(cause: String)
    /// The gate ended while the call was under way and nothing of it had been sent.
    case lost
}
