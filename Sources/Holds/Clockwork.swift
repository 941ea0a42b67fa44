package import Calls

/// What the clock has to do about a hold that is undecided, and when: warn, tell the next group, take silence for an answer.
///
/// Before anybody has acted, the time is `decide_within`, once for those who were told first and once for each group after
/// them. Once somebody has, or where nothing was asked, it is the hold's own time.
package enum ClockStep: Hashable, Sendable {
    /// So many hundredths of the time are over.
    case warn(percent: Int)
    case escalate(to: String)
    case silence(Terms.Silence)
}

extension Hold {
    /// Hundredths of a time at which people are warned.
    static let warnings = [50, 90]

    /// When something is due next; nil: nothing before the end of its time.
    package var attention: Timestamp? { nextStep?.at }

    /// What is due by now.
    package func step(at now: Timestamp) -> ClockStep? {
        guard let (at, step) = nextStep, at <= now else { return nil }
        return step
    }

    private var nextStep: (at: Timestamp, step: ClockStep)? {
        guard state.isUndecided else { return nil }
        let terms = facts.terms
        guard deliberation.firstAct == nil, let within = terms.decideWithin, !deliberation.isUnheard else {
            return warning(from: start, to: expires, after: deliberation.firstAct)
        }
        let begin = start + Interval(milliseconds: within.milliseconds &* Int64(deliberation.escalated))
        let end = begin + within
        // Its own time ends first, and that says enough.
        guard end < expires else { return warning(from: begin, to: expires, after: nil) }
        if let warning = warning(from: begin, to: end, after: nil) { return warning }
        if deliberation.escalated < terms.escalateTo.count {
            return (end, .escalate(to: terms.escalateTo[deliberation.escalated]))
        }
        return terms.onSilence.map { (end, .silence($0)) }
    }

    private var start: Timestamp { deliberation.restarted ?? created }

    private func warning(
        from begin: Timestamp, to end: Timestamp, after act: Timestamp?
    ) -> (at: Timestamp, step: ClockStep)? {
        let time = (end - begin).milliseconds
        for (index, percent) in Self.warnings.enumerated() where index >= deliberation.warned {
            let at = begin + Interval(milliseconds: time / 100 &* Int64(percent))
            // What was over before somebody acted, nobody has to be told afterwards.
            if let act, at <= act { continue }
            return (at, .warn(percent: percent))
        }
        return nil
    }
}

extension Deliberation {
    /// With what the clock has done.
    func after(_ step: ClockStep) -> Deliberation {
        var next = self
        switch step {
        case .warn(let percent):
            let given = (Hold.warnings.firstIndex(of: percent) ?? Hold.warnings.count) + 1
            next.noteTold(escalated: escalated, warned: given)
        case .escalate: next.noteTold(escalated: escalated + 1, warned: 0)
        case .silence: next.noteUnheard()
        }
        return next
    }
}

extension HoldSettings {
    /// The rules' terms, and the gate's own where they say nothing.
    func completed(_ terms: Terms, tier: Tier, flags: [Flag]) -> Terms {
        var terms = terms
        let isGrave = tier == .irreversible || !flags.isEmpty
        terms.decideWithin = terms.decideWithin ?? (isGrave ? decideWithin : nil)
        if terms.escalateTo.isEmpty { terms.escalateTo = escalateTo }
        terms.onSilence = terms.onSilence ?? (flags.isEmpty ? onSilence : onFlaggedSilence)
        return terms
    }
}
