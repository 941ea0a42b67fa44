import CEL
package import Calls
package import JSON

/// What the head of a call lets the rules say before its body is there.
package struct Outlook: Hashable, Sendable {
    /// No reading of the body leads above it.
    package let highest: Tier
    /// The tier depends on the body, so it must be read whole before judging.
    package let needsBody: Bool
}

extension RuleSet {
    /// The most that judging could come to, whatever the body and the operations in it.
    ///
    /// A summary that shows the body does not need it: where it was streamed past, a question mark is shown.
    ///
    /// - Parameter mayHoldOperations: whether the body may have other operations in it than its head says (JSON, a batch);
    ///   the decoder knows of an upload that it has none.
    package func outlook(
        method: Text, target: Target, fields: Fields, mayHoldOperations: Bool = true, at now: Timestamp
    ) -> Outlook {
        let matches = heads(method, target, fields, mayHoldOperations, at: now)
        var speaking = matches.filter { !traits[$0].flags.contains(.fallback) }
        // Only what is certain by the head takes others out or silences them, and only where nothing can take it out.
        if speaking.contains(where: { traits[$0].flags.contains(.exceptions) }) {
            let threatened = Set(speaking.flatMap { rules[$0].supersedes }.map(\.id))
            let superseded = speaking.filter {
                traits[$0].isSettledByHead && !threatened.contains(rules[$0].id)
            }
            .flatMap { rules[$0].supersedes }.map(\.id)
            speaking.removeAll { superseded.contains(rules[$0].id) }
        }
        func claims(_ rule: Int) -> Bool {
            traits[rule].isSettledByHead && mayClaim(traits[rule], target, .http)
        }
        if !speaking.contains(where: claims) { speaking += matches.filter { traits[$0].flags.contains(.fallback) } }
        let byDefault: Tier = speaking.contains(where: claims) ? .readOnly : unmatched
        return Outlook(
            highest: speaking.reduce(byDefault) { max($0, rules[$1].highest) },
            needsBody: speaking.contains {
                traits[$0].flags.contains(.operation) || rules[$0].conditions.readsBody
            })
    }

    /// Rules that could speak for a call with this head, whatever operations it holds.
    private func heads(
        _ method: Text, _ target: Target, _ fields: Fields, _ mayHoldOperations: Bool, at now: Timestamp
    ) -> [Int] {
        var found = RuleIndex.Catch()
        index.collect(method: method, authority: target.authority, segments: target.segments, into: &found)
        // Whatever value a crowd asks for, it may be right.
        for place in 0..<found.crowds.count {
            let hit = found.crowds[place]
            index.crowds[Int(hit.crowd)].collect(.null, hit.method, into: &found.candidates)
        }
        var numbers = Set((0..<found.candidates.count).map { found.candidates[$0].rule })
        let host = HostPattern.labels(of: target.authority)
        for number in operationRules where !numbers.contains(number) {
            let match = rules[number].match
            if mayHoldOperations || match.operation?.kind.isNamedByHead == true, match.fits(method),
                match.hosts.contains(where: { $0.matches(host) }),
                match.paths.contains(where: { $0.matches(target.segments) })
            {
                numbers.insert(number)
            }
        }
        return numbers.filter { number in
            let match = rules[number].match
            return now.milliseconds < traits[number].end && !traits[number].flags.contains(.shadow)
                && match.query.holds { name in target.query.contains { $0.name == name } }
                && match.header.holds(fields.contains)
        }.sorted()
    }
}

extension Traits {
    /// The tier cannot depend on more than the head of a call.
    fileprivate var isSettledByHead: Bool { flags.isDisjoint(with: [.conditions, .operation]) }
}
