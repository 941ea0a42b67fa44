package import Calls
import JSON

extension RuleSet {
    /// Operations in one call beyond which nobody can say what it does.
    package static let operationLimit = 64

    /// What the rules say of a call.
    ///
    /// - Parameter now: exceptions end by it.
    package func judge(_ call: Call, at now: Timestamp) -> Verdict {
        let matches = matches(method: call.method, target: call.target, fields: call.fields, at: now)
        let operations = call.operations.isEmpty ? [.http] : call.operations
        guard operations.count <= Self.operationLimit else { return tooManyOperations(call) }
        return verdict(operations.map { Judgement(matches, $0, call, self) }, call)
    }

    /// Rules that watch and do not count (`shadow: true`), with the tier each would have asked for.
    package func shadows(_ call: Call, at now: Timestamp) -> [Verdict.Match] {
        let operations = call.operations.isEmpty ? [.http] : call.operations.prefix(Self.operationLimit)
        return matches(method: call.method, target: call.target, fields: call.fields, at: now)
            .filter { entry in
                let rule = rules[entry.rule]
                return rule.isShadow
                    && operations.contains { operation in rule.match.operation?.matches(operation) ?? true }
            }
            .map { match(Judgement.Member($0, traits[$0.rule], call, self)) }
            .sorted { ($0.pack, $0.rule) < ($1.pack, $1.rule) }
    }

    /// Rules that fit a call by its head.
    func matches(method: Text, target: Target, fields: Fields, at now: Timestamp) -> [RuleIndex.Entry] {
        var entries = index.candidates(method: method, authority: target.authority, segments: target.segments)
        entries.removeAll { entry in
            let traits = traits[entry.rule]
            return now >= traits.end || traits.hasPresence && !isPresent(rules[entry.rule].match, target, fields)
        }
        return entries
    }

    private func isPresent(_ match: Rule.Match, _ target: Target, _ fields: Fields) -> Bool {
        match.query.holds { name in target.query.contains { $0.name == name } }
            && match.header.holds(fields.contains)
    }

    func match(_ member: Judgement.Member) -> Verdict.Match {
        let number = member.entry.rule
        return Verdict.Match(
            rule: rules[number].id, pack: packs[rules[number].pack].name, source: sources[number], tier: member.tier,
            failure: member.failure?.description)
    }

    private func verdict(_ judgements: [Judgement], _ call: Call) -> Verdict {
        let weight = judgements.reduce(0) { max($0, $1.weight) }
        let winners = winners(judgements, weight)
        let isUnmatched = judgements.contains { $0.weight == weight && $0.isUnmatched }
        var approvers = isUnmatched ? unmatchedApprovers : []
        var quorum = isUnmatched ? unmatchedQuorum : 1
        for member in winners {
            let number = member.entry.rule
            if traits[number].hasApprovers { approvers += rules[number].approvers }
            quorum = max(quorum, traits[number].quorum)
        }
        let tier = Tier(rawValue: min(weight, Tier.irreversible.rawValue)) ?? .irreversible
        return Verdict(
            tier: tier, category: winners.lazy.compactMap { self.traits[$0.entry.rule].category }.first,
            disposition: weight > Tier.irreversible.rawValue ? .refuse : tier >= .external ? .hold : .pass,
            matches: matches(winners), supersedings: supersedings(judgements),
            summaries: summaries(winners, call, isHeld: tier >= .external),
            reason: reason(winners, call, isUnmatched),
            approvers: approvers.count > 1 ? Set(approvers).sorted() : approvers, quorum: quorum, rulesDigest: digest)
    }

    /// All rules at the winning weight, each once, in the order in which people are told.
    private func winners(_ judgements: [Judgement], _ weight: Int) -> [Judgement.Member] {
        var winners: [Judgement.Member] = []
        for judgement in judgements where judgement.weight == weight {
            for member in judgement.winners where !winners.contains(where: { $0.entry.rule == member.entry.rule }) {
                winners.append(member)
            }
        }
        if winners.count > 1 { winners.sort { precedes($0.entry.rule, $1.entry.rule) } }
        return winners
    }

    private func supersedings(_ judgements: [Judgement]) -> [Verdict.Superseding] {
        guard judgements.contains(where: { !$0.supersedings.isEmpty }) else { return [] }
        var seen: Set<Verdict.Superseding> = []
        return judgements.flatMap(\.supersedings).filter { seen.insert($0).inserted }
    }

    private func matches(_ winners: [Judgement.Member]) -> [Verdict.Match] {
        if let only = winners.first, winners.count == 1, only.isPlain { return plain[only.entry.rule].matches }
        return winners.map(match)
    }

    /// Where no rule has words, only a call that somebody will look at is described.
    private func summaries(_ members: [Judgement.Member], _ call: Call, isHeld: Bool) -> [String] {
        let speaking = members.filter { traits[$0.entry.rule].hasSummary }
        let summaries = speaking.compactMap { member in
            rules[member.entry.rule].summary?.render(
                Facts(call, rules[member.entry.rule].match.paths[member.entry.path]))
        }
        return summaries.isEmpty && isHeld ? [bare(call)] : summaries
    }

    /// What can be said of a call for which no rule has words; without the query, which may hold keys.
    private func bare(_ call: Call) -> String {
        let path = String(decoding: call.target.spelling.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        let host = call.target.authority.hostField(for: call.target.scheme)
        return visible("\(call.method) \(host)\(path)", limit: 240)
    }

    private func reason(_ members: [Judgement.Member], _ call: Call, _ isUnmatched: Bool) -> String {
        guard let first = members.first else {
            return "no rule speaks for \(bare(call)): such calls are tier \(unmatched.rawValue), \(unmatched.name)"
        }
        let number = first.entry.rule
        if members.count == 1, first.isPlain { return plain[number].reason }
        let kind = traits[number].isFallback ? "fallback rule" : "rule"
        let others = members.count > 1 ? ", and \(members.count - 1) more" : ""
        return "\(kind) \(rules[number].id) (\(sources[number])): \(first.ground(rules[number]))\(others)"
    }

    private func tooManyOperations(_ call: Call) -> Verdict {
        Verdict(
            tier: .irreversible, disposition: .hold, summaries: [bare(call)],
            reason: "the call holds more than \(Self.operationLimit) operations, more than rules look at",
            approvers: unmatchedApprovers, quorum: unmatchedQuorum, rulesDigest: digest)
    }
}

extension Facts {
    init(_ call: Call, _ path: PathTemplate) { self.init(call: call, path: path) }
}
