package import Calls

/// What was done about a hold that did not end its waiting; a line in the journal.
package enum Act: Hashable, Sendable {
    /// One approval of several that are needed.
    case voted(Deliberation.Vote)
    case claimed(Deliberation.Claim)
    /// Somebody gave it back, or to somebody else.
    case handedOver(by: Operator, to: Operator?)
    case extended(by: Operator, until: Timestamp, reason: String?)
    case asked(Deliberation.Question)
    /// The agent answered; its own words.
    case answered(String)
    case edited(Deliberation.Edit)
    /// So much of the time for a first act, or of its life, is over, in hundredths.
    case warned(percent: Int)
    /// Nobody had acted: the next group was told.
    case escalated(to: String)
    /// Nobody acted at all.
    case unheard(Terms.Silence)

    /// The word in the journal, after `hold.`.
    package var name: String {
        switch self {
        case .voted: "vote"
        case .claimed: "claim"
        case .handedOver: "handover"
        case .extended: "extend"
        case .asked: "ask"
        case .answered: "answer"
        case .edited: "edit"
        case .warned: "warn"
        case .escalated: "escalate"
        case .unheard: "silence"
        }
    }
}
