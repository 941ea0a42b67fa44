import Calls
import Holds

/// What people have to do with: a call that waits for them, what they ask, and what they said. A sentence for the model in
/// each: what did not happen, why, what to do, until when.
extension Refusal {
    /// - Parameter usual: what people usually take for it; nil where too little is known.
    convenience init(held hold: Hold, attempt: Int, usual: Interval?) {
        let habit = usual.map { " People usually take \($0.told) for such a decision." } ?? ""
        self.init(
            hold, "held", "Held for approval",
            "NOT EXECUTED. This call (\(hold.what)) is held for a person's approval as \(hold.id), because "
                + "\(Refusal.withoutSource(hold.facts.reason)). Send the identical request again later to collect the "
                + "result; do not change it, and do not look for another way. It waits until \(hold.expires).\(habit)",
            phrase: "Held for approval \(hold.id) - NOT executed", attempt: attempt)
    }

    /// Final, whichever attempt it is: only the agent itself can answer, and not its client by coming again.
    convenience init(asked question: String, _ hold: Hold) {
        let status = hold.facts.terms.status ?? 423
        self.init(
            status, "needs_information", "A person asks something",
            "NOT EXECUTED. This call (\(hold.what)) is held as \(hold.id), and the person who looks at it asks: "
                + "\(VisibleText.show(question)) Answer with POST \(AgentDesk.url(of: hold.id))/answer and the JSON body "
                + "{\"answer\": \"...\"}, by the way that this request came. Then send the identical request again; do not "
                + "change it, and do not look for another way. It waits until \(hold.expires).",
            phrase: "Question about \(hold.id) - NOT executed", hold: hold.id, isFinal: true,
            question: question, outcome: .parked(status: status))
    }

    convenience init(rejected hold: Hold, _ decision: Decision) {
        let reason = decision.reason.map { " Reason: \($0.sentence)" } ?? ""
        self.init(
            403, "rejected", "Rejected by a person",
            "NOT EXECUTED. A person rejected this call (\(hold.what)).\(reason)\(decision.suggestion?.told ?? "") "
                + "Do not send it again, and do not look for another way to do the same.",
            phrase: "Rejected \(hold.id) - NOT executed", hold: hold.id, isFinal: true,
            suggestion: decision.suggestion, outcome: .parked(status: 403))
    }
}

extension Suggestion {
    /// What a sentence can hold; the whole patch is beside it.
    private static let toldBytes = 2000

    var told: String {
        let words = text.map { " What would be accepted: \($0.sentence)" } ?? ""
        guard let patch else { return words }
        guard patch.utf8.count <= Suggestion.toldBytes else {
            return words + " The member suggestion.patch says it as a JSON Patch of the call's body."
        }
        return words + " As a JSON Patch (RFC 6902) of the call's body: \(patch)."
    }
}

extension String {
    fileprivate var sentence: String { hasSuffix(".") || hasSuffix("?") || hasSuffix("!") ? self : self + "." }
}

extension Interval {
    /// In the one unit that a person would say.
    fileprivate var told: String {
        let units: [(Int64, String)] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")]
        for (length, name) in units where milliseconds >= 2 * length || length == 60_000 && milliseconds >= length {
            let count = (milliseconds + length / 2) / length
            return "about \(count) \(name)\(count == 1 ? "" : "s")"
        }
        return "less than a minute"
    }
}
