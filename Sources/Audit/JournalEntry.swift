package import Calls
import JSON

/// One thing that the journal says happened.
///
/// What a case carries is all that is written: no body, no credential, no query value, and no summary either, because a
/// summary quotes the body.
package enum JournalEntry: Sendable {
    case gateStarted(version: String, rulesDigest: String, lost: Int, uncertain: Int)
    case gateStopped(reason: String)
    /// A decoded and judged call, before anything of it is sent.
    case callOpened(Record)
    /// A permit is out: the first byte of a held call follows. `call` is nil where no agent waits. It names who approved,
    /// because it is on disk before anything is sent, and the decision's own line may have found a journal that was down.
    case callSending(HoldID, call: CallID?, digest: Digest, by: String)
    case callClosed(Record)
    /// A call that the previous process left open.
    case callRecovered(OpenCall)
    case holdCreated(HoldID, call: CallID, session: SessionID, digest: Digest, tier: Tier, expires: Timestamp)
    case holdDecided(HoldID, Ruling, by: String, digest: Digest, reason: String?)
    /// Somebody, or the clock, did something about it that did not end its waiting: the last word of the line's kind, who,
    /// and what.
    case holdActed(HoldID, String, by: String?, digest: Digest, text: String?)
    case holdExpired(HoldID)
    /// The agent took its call back; nothing was sent.
    case holdWithdrawn(HoldID)
    /// The kill switch ended it; nothing was sent.
    case holdKilled(HoldID, cause: String)
    /// Approved, but the person must look again.
    case holdStale(HoldID, cause: String)
    /// A permit came back with nothing sent: the approval is unspent.
    case holdUnsent(HoldID, cause: String)
    case holdDone(HoldID, status: Int)
    case holdUncertain(HoldID, cause: String)
    case holdResolved(HoldID, wasExecuted: Bool, by: String, reason: String?)
    /// Somebody should look at the session's agent: why, the hold at which that became so, and how often it has happened.
    case sessionFlagged(SessionID, String, hold: HoldID, count: Int)
    case scopeStopped(Scope, Halt, cause: String)
    /// An operator lets a scope go on.
    case scopeResumed(Scope, Halt, by: String, reason: String?)
    /// Writing works again. Lines up to `dropped` that reported facts meanwhile found no room.
    case journalRestored(cause: String, dropped: UInt64)
    /// A start found an incomplete last line, as a crash leaves it, and put its bytes aside.
    case journalRepaired(file: String, bytes: Int)
    /// The first line of a file that is not the first one: so many calls are open, and told of in the next lines.
    case journalSegment(open: Int)
    /// Calls that were opened in an earlier file and not closed, so that a start need not look there.
    case journalCarried([OpenCall])
    /// Files up to this line are removed, because the settings say how long they are kept.
    case journalPruned(through: JournalHead, files: Int)
    /// The journal begins anew, although the store knows an earlier one.
    case journalBegun(after: JournalHead)

    /// What an operator said.
    package enum Ruling: String, Sendable { case approve, reject, reopen }

    /// How a scope was stopped.
    package enum Halt: String, Sendable { case frozen, killed }

    /// The word in `kind`.
    var kind: String {
        switch self {
        case .gateStarted: "gate.start"
        case .gateStopped: "gate.stop"
        case .callOpened: "call.open"
        case .callSending: "call.send"
        case .callClosed, .callRecovered: "call.close"
        case .holdCreated: "hold.created"
        case .holdDecided: "hold.decided"
        case .holdActed(_, let act, _, _, _): "hold.\(act)"
        case .holdExpired: "hold.expired"
        case .holdWithdrawn: "hold.withdrawn"
        case .holdKilled: "hold.killed"
        case .holdStale: "hold.stale"
        case .holdUnsent: "hold.unsent"
        case .holdDone: "hold.done"
        case .holdUncertain: "hold.uncertain"
        case .holdResolved: "hold.resolved"
        case .sessionFlagged: "session.flagged"
        case .scopeStopped: "scope.stopped"
        case .scopeResumed: "scope.resumed"
        case .journalRestored: "journal.restored"
        case .journalRepaired: "journal.repaired"
        case .journalSegment: "journal.segment"
        case .journalCarried: "journal.carried"
        case .journalPruned: "journal.pruned"
        case .journalBegun: "journal.begun"
        }
    }

    /// Whether something may happen only after this line: such lines are refused while the journal is broken. The others
    /// report what has happened already, and wait in memory for better times.
    var permits: Bool {
        switch self {
        case .gateStarted, .callOpened, .callSending, .holdCreated, .holdDecided, .holdResolved, .scopeResumed: true
        // A vote counts towards what is sent, and an edit is what is sent.
        case .holdActed: true
        case .gateStopped, .callClosed, .callRecovered, .holdExpired, .holdWithdrawn, .holdKilled, .holdStale,
            .holdUnsent, .holdDone,
            .holdUncertain, .sessionFlagged, .scopeStopped, .journalRestored, .journalRepaired, .journalSegment,
            .journalCarried,
            .journalPruned, .journalBegun:
            false
        }
    }

    /// Texts longer than this are cut, and say so: agents choose paths, operators write reasons.
    static let longestText = 2048
    /// Of longer lists the rest is counted.
    static let longestList = 16
    /// Open calls in one line.
    static let mostCarried = 128

    func write(into line: inout JSONWriter.Object, at time: Timestamp) {
        switch self {
        case .gateStarted(let version, let rulesDigest, let lost, let uncertain):
            line.text("version", version)
            line.text("rules_digest", rulesDigest)
            line.field("lost", lost)
            line.field("uncertain", uncertain)
        case .gateStopped(let reason):
            line.text("reason", reason)
        case .callOpened(let record):
            Self.write(opening: record, into: &line)
        case .callSending(let hold, let call, let digest, let by):
            line.field("hold", hold.description)
            if let call { line.text("call", call.description) }
            line.field("digest", digest.description)
            line.text("by", by)
        case .callClosed(let record):
            line.text("call", record.id.description)
            if let hold = record.hold { line.field("hold", hold.description) }
            Self.write(record.outcome ?? .lost, into: &line)
            line.field("ms", max(0, (time - record.began).milliseconds))
        case .callRecovered(let call):
            line.text("call", call.id.description)
            if let hold = call.hold { line.field("hold", hold.description) }
            Self.write(call.outcome, into: &line)
        case .holdCreated(let hold, let call, let session, let digest, let tier, let expires):
            line.field("hold", hold.description)
            line.text("call", call.description)
            line.text("session", session.description)
            line.field("digest", digest.description)
            line.field("tier", tier.rawValue)
            line.field("expires", expires.description)
        case .holdDecided(let hold, let ruling, let by, let digest, let reason):
            line.field("hold", hold.description)
            line.field("decision", ruling.rawValue)
            line.text("by", by)
            line.field("digest", digest.description)
            if let reason { line.text("reason", reason) }
        case .holdActed(let hold, _, let by, let digest, let text):
            line.field("hold", hold.description)
            if let by { line.text("by", by) }
            line.field("digest", digest.description)
            if let text { line.text("text", text) }
        case .holdExpired(let hold), .holdWithdrawn(let hold):
            line.field("hold", hold.description)
        case .holdKilled(let hold, let cause), .holdStale(let hold, let cause), .holdUnsent(let hold, let cause),
            .holdUncertain(let hold, let cause):
            line.field("hold", hold.description)
            line.text("cause", cause)
        case .holdDone(let hold, let status):
            line.field("hold", hold.description)
            line.field("status", status)
        case .holdResolved(let hold, let wasExecuted, let by, let reason):
            line.field("hold", hold.description)
            line.field("executed", wasExecuted)
            line.text("by", by)
            if let reason { line.text("reason", reason) }
        case .sessionFlagged(let session, let flag, let hold, let count):
            line.text("session", session.description)
            line.field("flag", flag)
            line.field("hold", hold.description)
            line.field("count", count)
        case .scopeStopped(let scope, let halt, let cause):
            line.text("scope", scope.description)
            line.field("state", halt.rawValue)
            line.text("cause", cause)
        case .scopeResumed(let scope, let halt, let by, let reason):
            line.text("scope", scope.description)
            line.field("was", halt.rawValue)
            line.text("by", by)
            if let reason { line.text("reason", reason) }
        case .journalRestored(let cause, let dropped):
            line.text("cause", cause)
            line.field("dropped", dropped)
        case .journalRepaired(let file, let bytes):
            line.text("file", file)
            line.field("bytes", bytes)
        case .journalSegment(let open): line.field("open", open)
        case .journalCarried(let calls):
            line.array("calls") { array in
                for call in calls {
                    array.object {
                        $0.text("call", call.id.description)
                        if let hold = call.hold { $0.field("hold", hold.description) }
                        $0.field("sent", call.mayHaveLeft)
                    }
                }
            }
        case .journalPruned(let through, let files):
            line.field("through", through.description)
            line.field("files", files)
        case .journalBegun(let after): line.field("after", after.description)
        }
    }

    private static func write(opening record: Record, into line: inout JSONWriter.Object) {
        line.text("call", record.id.description)
        line.text("session", record.session.description)
        if let method = record.method { line.text("method", method) }
        if let target = record.target { line.text("target", target) }
        if let principal = record.principal { line.text("principal", principal.description) }
        if let hold = record.hold { line.field("hold", hold.description) }
        guard let verdict = record.verdict else { return }
        line.field("tier", verdict.tier.rawValue)
        if let category = verdict.category { line.field("category", category.rawValue) }
        line.field("disposition", verdict.disposition.rawValue)
        if !verdict.flags.isEmpty { line.array("flags", verdict.flags.lazy.map(\.rawValue)) }
        line.list("rules", verdict.matches) { $0.element(clipped($1.rule)) }
        line.list("supersedings", verdict.supersedings) { array, exception in
            array.object {
                $0.text("rule", exception.rule)
                $0.text("superseded", exception.superseded)
                $0.field("from", exception.from.rawValue)
                $0.field("to", exception.to.rawValue)
                $0.text("reason", exception.reason)
            }
        }
        line.list("shadow", verdict.shadows) { array, match in
            array.object {
                $0.field("rule", clipped(match.rule))
                $0.field("tier", match.tier.rawValue)
            }
        }
        line.text("reason", verdict.reason)
        line.text("rules_digest", verdict.rulesDigest)
    }

    private static func write(_ outcome: Outcome, into line: inout JSONWriter.Object) {
        switch outcome {
        case .answered(let status, let received):
            line.field("outcome", "answered")
            line.field("status", status)
            line.field("received", received)
        case .undelivered(let status, let received):
            line.field("outcome", "undelivered")
            line.field("status", status)
            line.field("received", received)
        case .refused(let code, let status, let cause):
            line.field("outcome", "refused")
            line.field("status", status)
            line.text("code", code)
            line.text("cause", cause)
        case .parked(let status):
            line.field("outcome", "parked")
            line.field("status", status)
        case .collected(let status):
            line.field("outcome", "collected")
            line.field("status", status)
        case .uncertain(let cause):
            line.field("outcome", "uncertain")
            line.text("cause", cause)
        case .lost:
            line.field("outcome", "lost")
        }
    }
}

extension JSONWriter.Object {
    /// A text of unknown length.
    fileprivate mutating func text(_ name: StaticString, _ value: String) { field(name, clipped(value)) }

    /// A list of unknown length; nothing where it is empty.
    fileprivate mutating func list<Item>(
        _ name: StaticString, _ items: [Item], _ write: (inout JSONWriter.Array, Item) -> Void
    ) {
        guard !items.isEmpty else { return }
        array(name) { array in for item in items.prefix(JournalEntry.longestList) { write(&array, item) } }
        let rest = items.count - JournalEntry.longestList
        if rest > 0 { raw(named: "\(name)_omitted", String(rest).utf8) }
    }
}

/// The text, cut between two characters where it is too long, with the number of bytes that are missing.
private func clipped(_ text: String) -> String {
    let bytes = text.utf8
    guard bytes.count > JournalEntry.longestText else { return text }
    var end = bytes.index(bytes.startIndex, offsetBy: JournalEntry.longestText)
    // Not inside a character: continuation bytes are 10xxxxxx.
    while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
    return "\(text[..<end])… [\(bytes.distance(from: end, to: bytes.endIndex)) bytes more]"
}
