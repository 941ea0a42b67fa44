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
        let judgements = operations.map { operation in
            Judgement(matches, operation, call, HostPattern.labels(of: call.target.authority), self)
        }
        return verdict(judgements, call)
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
            .map { match(Judgement.Member($0, rules[$0.rule], call)) }
            .sorted { ($0.pack, $0.rule) < ($1.pack, $1.rule) }
    }

    /// Rules that fit a call by its head.
    func matches(method: Text, target: Target, fields: Fields, at now: Timestamp) -> [RuleIndex.Entry] {
        let host = HostPattern.labels(of: target.authority)
        return index.candidates(method: method, host: host, segments: target.segments).filter { entry in
            let rule = rules[entry.rule]
            return !rule.hasEnded(at: now)
                && rule.match.query.holds { name in target.query.contains { $0.name == name } }
                && rule.match.header.holds(fields.contains)
        }
    }

    func match(_ member: Judgement.Member) -> Verdict.Match {
        let rule = rules[member.entry.rule]
        return Verdict.Match(
            rule: rule.id, pack: pack(of: rule).name, source: source(of: rule), tier: member.tier,
            failure: member.failure?.description)
    }

    private func verdict(_ judgements: [Judgement], _ call: Call) -> Verdict {
        let weight = judgements.map(\.weight).max() ?? 0
        let winning = judgements.filter { $0.weight == weight }
        var members: [Int: Judgement.Member] = [:]
        for member in winning.flatMap(\.winners) { members[member.entry.rule] = member }
        let ordered = members.values.sorted { precedes($0.entry.rule, $1.entry.rule) }
        let speaking = ordered.map { rules[$0.entry.rule] }
        let isUnmatched = winning.contains { $0.isUnmatched }

        var approvers = Set(speaking.flatMap(\.approvers))
        var quorum = speaking.map(\.quorum).max() ?? 1
        if isUnmatched {
            approvers.formUnion(unmatchedApprovers)
            quorum = max(quorum, unmatchedQuorum)
        }
        let tier = Tier(rawValue: min(weight, Tier.irreversible.rawValue)) ?? .irreversible
        return Verdict(
            tier: tier, category: speaking.lazy.compactMap(\.category).first,
            disposition: weight > Tier.irreversible.rawValue ? .refuse : tier >= .external ? .hold : .pass,
            matches: ordered.map(match), supersedings: supersedings(judgements), summaries: summaries(ordered, call),
            reason: reason(ordered, call, isUnmatched), approvers: approvers.sorted(), quorum: quorum,
            rulesDigest: digest)
    }

    private func supersedings(_ judgements: [Judgement]) -> [Verdict.Superseding] {
        var seen: Set<Verdict.Superseding> = []
        return judgements.flatMap(\.supersedings).filter { seen.insert($0).inserted }
    }

    private func summaries(_ members: [Judgement.Member], _ call: Call) -> [String] {
        let summaries = members.compactMap { member in
            rules[member.entry.rule].summary?.render(Facts(call, rules[member.entry.rule], member.entry))
        }
        return summaries.isEmpty ? [bare(call)] : summaries
    }

    /// What can be said of a call for which no rule has words; without the query, which may hold keys.
    private func bare(_ call: Call) -> String {
        let path = call.target.spelling.string.prefix { $0 != "?" }
        let host = call.target.authority.hostField(for: call.target.scheme)
        return visible("\(call.method) \(host)\(path)", limit: 240)
    }

    private func reason(_ members: [Judgement.Member], _ call: Call, _ isUnmatched: Bool) -> String {
        guard let first = members.first else {
            return "no rule speaks for \(bare(call)): such calls are tier \(unmatched.rawValue), \(unmatched.name)"
        }
        let rule = rules[first.entry.rule]
        let kind = rule.isFallback ? "fallback rule" : "rule"
        let others = members.count > 1 ? ", and \(members.count - 1) more" : ""
        return "\(kind) \(rule.id) (\(source(of: rule))): \(first.ground(rule))\(others)"
    }

    private func tooManyOperations(_ call: Call) -> Verdict {
        Verdict(
            tier: .irreversible, disposition: .hold, summaries: [bare(call)],
            reason: "the call holds more than \(Self.operationLimit) operations, more than rules look at",
            approvers: unmatchedApprovers, quorum: unmatchedQuorum, rulesDigest: digest)
    }
}

extension Facts {
    init(_ call: Call, _ rule: Rule, _ entry: RuleIndex.Entry) {
        self.init(call: call, path: rule.match.paths[entry.path])
    }
}
