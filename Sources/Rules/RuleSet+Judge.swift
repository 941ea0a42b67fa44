package import Calls
import JSON

extension RuleSet {
    /// What the rules say of a call.
    ///
    /// - Parameters:
    ///   - now: exceptions end by it.
    ///   - context: what is known of the agent and its session.
    package func judge(_ call: Call, at now: Timestamp, in context: Context = .none) -> Verdict {
        let decision = decide(call, at: now, in: context)
        guard !decision.isAmbiguous else { return tooManyOperations(call) }
        let members = told(decision)
        let subjects = subjects(of: call)
        let findings = members.map { member in
            let subject = subjects[min(Int(member.operation), subjects.count - 1)]
            return Finding(
                member,
                Evaluation(call: subject.call, operation: subject.operation, set: self, now: now, context: context),
                self)
        }
        return verdict(decision, findings, call, now, context)
    }

    private func subjects(of call: Call) -> [Subject] {
        Subject.all(of: call, limit: Self.operationLimit) ?? [Subject(call: call, operation: .http)]
    }

    /// The winners in the order in which people are told.
    private func told(_ decision: borrowing Decision) -> [Decision.Member] {
        var members: [Decision.Member] = []
        for index in 0..<decision.winners.count { members.append(decision.winners[index]) }
        if members.count > 1 { members.sort { precedes($0.candidate.rule, $1.candidate.rule) } }
        return members
    }

    private func verdict(
        _ decision: borrowing Decision, _ findings: [Finding], _ call: Call, _ now: Timestamp, _ context: Context
    ) -> Verdict {
        let tier = decision.tier
        let isUnmatched = decision.isUnmatched || decision.unreadable != nil
        let rules = findings.map { self.rules[$0.rule] }
        let notify = rules.flatMap(\.notify)
        return Verdict(
            tier: tier, category: rules.lazy.compactMap(\.category).first,
            disposition: decision.weight > Tier.irreversible.rawValue ? .refuse : tier >= .external ? .hold : .pass,
            matches: findings.count == 1 && findings[0].isPlain
                ? plain[findings[0].rule].matches : findings.map { $0.match(self) },
            supersedings: decision.supersedings.map(superseding),
            summaries: summaries(findings, call, isHeld: tier >= .external),
            reason: reason(decision, findings, call),
            terms: terms(
                rules, isUnmatched: isUnmatched, observations: findings.compactMap(\.observation)),
            notify: notify.count > 1 ? Set(notify).sorted() : notify,
            recipients: findings.flatMap(\.recipients), money: findings.compactMap(\.money),
            shadows: hasShadows ? shadows(call, at: now, in: context) : [], rulesDigest: digest)
    }

    /// What all rules at the winning tier ask for together: the strictest of each.
    private func terms(
        _ rules: [Rule], isUnmatched: Bool, observations: [Verdict.Observation]
    ) -> Terms {
        let approvers = (isUnmatched ? unmatchedApprovers : []) + rules.flatMap(\.approvers)
        var terms = Terms(
            approvers: approvers.count > 1 ? Set(approvers).sorted() : approvers,
            quorum: rules.reduce(isUnmatched ? unmatchedQuorum : 1) { max($0, $1.quorum) },
            decideWithin: rules.compactMap(\.decideWithin).min(), observations: observations,
            idempotency: rules.lazy.compactMap(\.idempotency).first)
        for rule in rules {
            // In the order that they stand in, each group once.
            terms.escalateTo += rule.escalateTo.filter { !terms.escalateTo.contains($0) }
            if let silence = rule.onSilence, terms.onSilence != .kill { terms.onSilence = silence }
            if let detached = rule.detached, terms.detached != .never { terms.detached = detached }
            terms.needsSignature = terms.needsSignature || rule.needsSignature
            terms.withdrawsOnDisconnect = terms.withdrawsOnDisconnect || rule.withdrawsOnDisconnect
        }
        return terms
    }

    /// Rules that watch and do not count (`shadow: true`), with the tier each would have asked for.
    package func shadows(_ call: Call, at now: Timestamp, in context: Context = .none) -> [Verdict.Match] {
        var seen: Set<Int> = []
        var matches: [Verdict.Match] = []
        for (number, subject) in subjects(of: call).enumerated() {
            let evaluation = Evaluation(
                call: subject.call, operation: subject.operation, set: self, now: now, context: context)
            var found = RuleIndex.Catch()
            candidates(subject.call, subject.operation, now, context, into: &found)
            for index in 0..<found.candidates.count where traits[found.candidates[index].rule].flags.contains(.shadow) {
                let candidate = found.candidates[index]
                guard
                    let member = member(
                        candidate, traits[candidate.rule], subject.call, subject.operation, now, context, number),
                    seen.insert(candidate.rule).inserted
                else { continue }
                matches.append(Finding(member, evaluation, self).match(self))
            }
        }
        return matches.sorted { ($0.pack, $0.rule) < ($1.pack, $1.rule) }
    }

    private func superseding(_ numbers: Decision.Superseding) -> Verdict.Superseding {
        func tier(_ weight: UInt8) -> Tier { Tier(rawValue: Int(weight)) ?? .irreversible }
        return Verdict.Superseding(
            rule: rules[numbers.rule].id, superseded: rules[numbers.superseded].id, from: tier(numbers.from),
            to: tier(numbers.to), reason: rules[numbers.rule].reason ?? "")
    }

    /// Where no rule has words, only a call that somebody will look at is described.
    private func summaries(_ findings: [Finding], _ call: Call, isHeld: Bool) -> [String] {
        var summaries: [String] = []
        for finding in findings {
            if let summary = finding.summary, !summaries.contains(summary) { summaries.append(summary) }
        }
        return summaries.isEmpty && isHeld ? [bare(call)] : summaries
    }

    /// What can be said of a call for which no rule has words; without the query, which may hold keys.
    private func bare(_ call: Call) -> String {
        let path = String(decoding: call.target.spelling.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        let host = call.target.authority.hostField(for: call.target.scheme)
        return visible("\(call.method) \(host)\(path)", limit: 240)
    }

    private func reason(_ decision: borrowing Decision, _ findings: [Finding], _ call: Call) -> String {
        guard let first = findings.first else {
            if let reason = decision.unreadable {
                return "a part of the call has no reading (\(visible(reason.string))): tier \(decision.weight) at least"
            }
            return "no rule speaks for \(bare(call)): such calls are tier \(unmatched.rawValue), \(unmatched.name)"
        }
        if findings.count == 1, first.isPlain { return plain[first.rule].reason }
        let kind = rules[first.rule].isFallback ? "fallback rule" : "rule"
        let others = findings.count > 1 ? ", and \(findings.count - 1) more" : ""
        return "\(kind) \(rules[first.rule].id) (\(sources[first.rule])): \(first.ground)\(others)"
    }

    private func tooManyOperations(_ call: Call) -> Verdict {
        Verdict(
            tier: .irreversible, disposition: ambiguous == .refuse ? .refuse : .hold, summaries: [bare(call)],
            reason: "the call holds more than \(Self.operationLimit) operations, more than rules look at",
            terms: Terms(approvers: unmatchedApprovers, quorum: unmatchedQuorum), rulesDigest: digest)
    }
}
