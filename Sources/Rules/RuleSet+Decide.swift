package import Calls
import JSON

extension RuleSet {
    /// Operations in one call beyond which nobody can say what it does.
    package static let operationLimit = 64

    /// Whether looking ends where no rule left can change the outcome.
    enum Effort { case enough, exhaustive }

    /// The steps are those of the language's precedence. Allocates nothing where a call is one operation.
    func decide(
        _ call: Call, at now: Timestamp, in context: Context = .none, _ effort: Effort = .enough
    ) -> Decision {
        var decision = Decision()
        decide(call, now, context, effort, into: &decision)
        return decision
    }

    /// In place: a decision is too large to be handed from one to the other.
    private func decide(
        _ call: Call, _ now: Timestamp, _ context: Context, _ effort: Effort, into decision: inout Decision
    ) {
        if call.isPlain {
            decide(call, .http, number: 0, now, context, effort, into: &decision)
            return decision.close(unmatched)
        }
        guard let subjects = Subject.all(of: call, limit: Self.operationLimit) else {
            decision.isAmbiguous = true
            decision.weight = ambiguous == .refuse ? Rule.blockWeight : Tier.irreversible.rawValue
            return
        }
        for (number, subject) in subjects.enumerated() {
            decide(subject.call, subject.operation, number: number, now, context, effort, into: &decision)
        }
        decision.close(unmatched)
    }

    private func decide(
        _ call: Call, _ operation: Operation, number: Int, _ now: Timestamp, _ context: Context,
        _ effort: Effort, into decision: inout Decision
    ) {
        var caught = RuleIndex.Catch()
        candidates(call, operation, now, context, into: &caught)
        var members = Decision.Members(filler: .none)
        var (best, isClaimed, hasExceptions) = (0, false, false)
        var next = 0
        while next < caught.candidates.count {
            let candidate = caught.candidates[next]
            let its = traits[candidate.rule]
            guard its.flags.isDisjoint(with: [.fallback, .shadow]) else { break }
            // All exceptions have been looked at by now, and what is left ranks lower.
            if isClaimed, effort == .enough, !hasExceptions, Int(its.highest) < best { break }
            next += 1
            guard let member = member(candidate, its, call, operation, now, context, number) else { continue }
            members.append(member)
            best = max(best, Int(member.weight))
            isClaimed = isClaimed || !member.hasFailed && mayClaim(its, call.target, operation)
            hasExceptions = hasExceptions || its.flags.contains(.exceptions)
        }
        if hasExceptions {
            supersede(&members, into: &decision.supersedings)
            (best, isClaimed) = (0, false)
            for index in 0..<members.count {
                let member = members[index]
                best = max(best, Int(member.weight))
                isClaimed =
                    isClaimed || !member.hasFailed && mayClaim(traits[member.candidate.rule], call.target, operation)
            }
        }
        // The requests inside a batch have fallbacks of their own.
        let isWrapper = !call.isPlain && operation.isWrapper
        if !isClaimed, !isWrapper {
            while next < caught.candidates.count {
                let candidate = caught.candidates[next]
                let its = traits[candidate.rule]
                next += 1
                guard its.flags.contains(.fallback), !its.flags.contains(.shadow),
                    let member = member(candidate, its, call, operation, now, context, number)
                else { continue }
                members.append(member)
                best = max(best, Int(member.weight))
                isClaimed = isClaimed || !member.hasFailed && mayClaim(its, call.target, operation)
            }
        }
        let byDefault = isClaimed || isWrapper ? 0 : unmatched.rawValue
        let weight = max(best, byDefault)
        decision.take(members, weight: weight, isUnmatched: byDefault > 0 && byDefault == weight)
        if !call.isPlain, case .unreadable(let reason, let floor) = operation {
            decision.raise(to: floor.rawValue, because: reason)
        }
    }

    /// The rules that fit an operation and the call around it by their match, each once, in the order of looking. Of a
    /// crowd only those whose value is right, or wrong in a way that is an error.
    func candidates(
        _ call: Call, _ operation: borrowing Operation, _ now: Timestamp, _ context: Context,
        into found: inout RuleIndex.Catch
    ) {
        index.collect(
            method: call.method, authority: call.target.authority, segments: call.target.segments,
            into: &found)
        if !call.isPlain, !isPlain(operation) { collect(call, copy operation, into: &found) }
        for place in 0..<found.crowds.count {
            let hit = found.crowds[place]
            let crowd = index.crowds[Int(hit.crowd)]
            let evaluation = Evaluation(call: call, operation: copy operation, set: self, now: now, context: context)
            crowd.collect(evaluation.value(of: crowd.fact, .none), hit.method, into: &found.candidates)
        }
        guard found.candidates.count > 1 else { return }
        found.candidates.sort { $0 < $1 }
        var kept = 1
        for place in 1..<found.candidates.count
        where found.candidates[place].rule != found.candidates[kept - 1].rule {
            found.candidates[kept] = found.candidates[place]
            kept += 1
        }
        found.candidates.truncate(to: kept)
    }

    private func isPlain(_ operation: borrowing Operation) -> Bool {
        switch operation {
        case .http: true
        default: false
        }
    }

    private func collect(_ call: Call, _ operation: Operation, into found: inout RuleIndex.Catch) {
        let start = found.candidates.count
        index.collect(operation: operation, method: call.method, into: &found)
        var last = start
        for place in start..<found.candidates.count {
            guard let candidate = routed(found.candidates[place], call.target, operation) else { continue }
            found.candidates[last] = candidate
            last += 1
        }
        found.candidates.truncate(to: last)
        if case .unreadable = operation { collectUnread(call, into: &found.candidates) }
    }

    /// Rules about an operation that may stand in a body without a reading: those that are for this host. A rule for any
    /// host says too little of where it belongs; the floor of such a body stands for it.
    private func collectUnread(_ call: Call, into found: inout Candidates) {
        let host = HostPattern.labels(of: call.target.authority)
        for number in operationRules where rules[number].match.hosts != [.every] {
            let match = rules[number].match
            guard match.fits(call.method), match.hosts.contains(where: { $0.matches(host) }),
                let path = match.paths.firstIndex(where: { $0.matches(call.target.segments) })
            else { continue }
            found.append(Candidate(order: traits[number].order, rule: number, path: path))
        }
    }

    /// The rule with the path template that fits; nil where host, path or name do not.
    private func routed(_ candidate: Candidate, _ target: Target, _ operation: Operation) -> Candidate? {
        let flags = traits[candidate.rule].flags
        guard !flags.isDisjoint(with: [.route, .glob]) else { return candidate }
        let match = rules[candidate.rule].match
        if flags.contains(.glob) {
            guard let name = OperationPattern.naming(operation)?.name,
                match.operation?.names.contains(where: { $0.matches(name) }) == true
            else { return nil }
        }
        guard flags.contains(.route) else { return candidate }
        let host = HostPattern.labels(of: target.authority)
        guard match.hosts.contains(where: { $0.matches(host) }),
            let path = match.paths.firstIndex(where: { $0.matches(target.segments) })
        else { return nil }
        return candidate.at(path: path)
    }

    /// What a rule counts; nil where it has ended or what it asks of the call does not hold.
    func member(
        _ candidate: Candidate, _ traits: Traits, _ call: borrowing Call, _ operation: borrowing Operation,
        _ now: Timestamp, _ context: borrowing Context, _ number: Int
    ) -> Decision.Member? {
        guard now.milliseconds < traits.end else { return nil }
        if traits.flags.contains(.presence), !isPresent(rules[candidate.rule].match, call) { return nil }
        if traits.flags.contains(.operation), case .unreadable = copy operation {
            return Decision.Member(
                candidate: candidate, weight: traits.highest, hasFailed: true, operation: UInt16(clamping: number))
        }
        guard traits.flags.contains(.conditions) else {
            return Decision.Member(
                candidate: candidate, weight: traits.weight, hasFailed: false, operation: UInt16(clamping: number))
        }
        let evaluation = Evaluation(
            call: copy call, operation: copy operation, set: self, now: now, context: copy context)
        switch evaluation.count(candidate, traits) {
        case .absent: return nil
        case .counts(let weight):
            return Decision.Member(
                candidate: candidate, weight: weight, hasFailed: false, operation: UInt16(clamping: number))
        case .failed:
            return Decision.Member(
                candidate: candidate, weight: traits.highest, hasFailed: true, operation: UInt16(clamping: number))
        }
    }

    func isPresent(_ match: Rule.Match, _ call: Call) -> Bool {
        match.query.holds { name in call.target.query.contains { $0.name == name } }
            && match.header.holds(call.fields.contains)
    }

    /// Whether a rule may silence fallbacks and the default for this operation.
    func mayClaim(_ traits: Traits, _ target: Target, _ operation: Operation) -> Bool {
        if traits.flags.contains(.claimsAlways) { return true }
        guard traits.flags.contains(.claims) else { return false }
        let pack = packs[Int(traits.pack)]
        if case .mcp(let server, _, _) = operation, pack.servers.contains(server) { return true }
        return pack.mayClaim(HostPattern.labels(of: target.authority))
    }

    /// Takes out every rule that an unerrored one supersedes. One that was itself taken out supersedes nothing: who
    /// supersedes is looked at first, so the order of rules means nothing.
    private func supersede(_ members: inout Decision.Members, into found: inout [Decision.Superseding]) {
        members.sort { traits[$0.candidate.rule].rank < traits[$1.candidate.rule].rank }
        var removed: Set<Int> = []
        for place in 0..<members.count {
            let member = members[place]
            guard !member.hasFailed, !removed.contains(member.candidate.rule) else { continue }
            for superseded in rules[member.candidate.rule].supersedes {
                guard let number = numbers[superseded.id] else { continue }
                for other in 0..<members.count where members[other].candidate.rule == number {
                    removed.insert(number)
                    let superseding = Decision.Superseding(
                        rule: member.candidate.rule, superseded: number, from: members[other].weight,
                        to: member.weight)
                    if !found.contains(superseding) { found.append(superseding) }
                }
            }
        }
        members.keep { !removed.contains($0.candidate.rule) }
    }
}

extension Operation {
    fileprivate var isWrapper: Bool { if case .wrapper = self { true } else { false } }
}

extension Decision {
    /// What is left where nothing at all was said is the default.
    fileprivate mutating func close(_ unmatched: Tier) {
        guard weight == 0 else { return }
        weight = unmatched.rawValue
        isUnmatched = true
    }

    fileprivate mutating func raise(to floor: Int, because reason: Text) {
        guard floor >= weight else { return }
        if floor > weight {
            winners.removeAll()
            isUnmatched = false
        }
        weight = floor
        unreadable = reason
    }

    /// Adds what the rules say of one more operation.
    fileprivate mutating func take(_ members: borrowing Members, weight: Int, isUnmatched: Bool) {
        guard weight >= self.weight else { return }
        if weight > self.weight {
            winners.removeAll()
            self.isUnmatched = false
            unreadable = nil
        }
        self.weight = weight
        self.isUnmatched = self.isUnmatched || isUnmatched
        for index in 0..<members.count where Int(members[index].weight) == weight {
            let member = members[index]
            if !winners.contains(where: { $0.candidate.rule == member.candidate.rule }) { winners.append(member) }
        }
    }
}

extension RuleSet {
    /// What judging comes to, in numbers alone: 1 to 4, or 5 where the call is blocked. The same decision as `judge`,
    /// without the words.
    package func weigh(_ call: Call, at now: Timestamp, in context: Context = .none) -> Int {
        var decision = Decision()
        decide(call, now, context, .enough, into: &decision)
        return decision.weight
    }
}
