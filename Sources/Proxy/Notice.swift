import Calls
import Holds
import JSON

/// One step of a hold, or of the kill switch, as people are told of it: nothing in it that a bystander must not read.
struct Notice {
    let event: String
    let hold: Hold?
    let session: String
    let text: String?

    /// Nil for what nobody needs to be told of: calls that pass, and the steps of sending.
    init?(_ event: GateEvent) {
        switch event {
        case .opened, .sending: return nil
        case .created(let hold): self.init("held", hold, nil)
        case .decided(let hold, let decision):
            self.init("decided", hold, "\(hold.state.name) by \(decision.by)\(decision.reason.map { ": \($0)" } ?? "")")
        case .acted(let hold, let act): self.init(act.name, hold, act.told)
        case .changed(let hold): self.init(hold.state.name, hold, nil)
        case .flagged(let hold, let flag, let count):
            self.init("flagged", hold, "\(flag.rawValue): \(count) times")
        case .stopped(let stop):
            self.init(stop.kind.participle, nil, stop.description, session: stop.scope.description)
        case .resumed(let stop, let decision):
            self.init("resumed", nil, "by \(decision.by)", session: stop.scope.description)
        }
    }

    private init(_ event: String, _ hold: Hold?, _ text: String?, session: String? = nil) {
        self.event = event
        self.hold = hold
        self.session = session ?? hold?.session.description ?? ""
        self.text = text
    }

    func json(at time: Timestamp) -> String {
        let bytes = JSONWriter.object { json in
            json.field("event", event)
            json.field("at", time.description)
            json.field("session", VisibleText.show(session))
            if let text { json.field("text", VisibleText.show(text)) }
            guard let hold else { return }
            json.field("hold", hold.id.description)
            json.field("state", hold.state.name)
            json.field("tier", hold.facts.tier.rawValue)
            json.array("flags", hold.facts.flags.map(\.rawValue))
            json.array("summaries", hold.facts.summaries.map { VisibleText.show($0) })
            json.array("groups", groups(of: hold))
            json.field("expires", hold.expires.description)
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    /// Whom it concerns now: those who are asked, and those who were told after them.
    private func groups(of hold: Hold) -> [String] {
        hold.facts.terms.approvers + hold.facts.terms.escalateTo.prefix(hold.deliberation.escalated)
    }
}

extension Act {
    /// The rest of the sentence.
    fileprivate var told: String? {
        switch self {
        case .voted(let vote): "\(vote.decision.by) approved"
        case .claimed(let claim): "\(claim.by) looks at it"
        case .handedOver(let person, let other): other.map { "\(person) gave it to \($0)" } ?? "\(person) gave it back"
        case .extended(let person, let until, _): "\(person) gave it time until \(until)"
        case .asked(let question): "\(question.by) asks: \(question.text)"
        case .answered(let text): "the agent says: \(text)"
        case .edited(let edit): "\(edit.by) changed it: \(edit.changes.joined(separator: "; "))"
        case .warned(let percent): "\(percent) % of its time is over"
        case .escalated(let group): "nobody has acted; \(group) is asked"
        case .unheard(let silence):
            switch silence {
            case .freeze: "nobody has acted: the session is frozen"
            case .kill: "nobody has acted: the session is killed"
            }
        }
    }
}
