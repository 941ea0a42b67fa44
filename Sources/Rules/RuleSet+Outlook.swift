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
    package func outlook(method: Text, target: Target, fields: Fields, at now: Timestamp) -> Outlook {
        let matches = matches(method: method, target: target, fields: fields, at: now)
            .filter { !traits[$0.rule].isShadow }
        var speaking = matches.filter { !traits[$0.rule].isFallback }
        // Only what is certain by the head takes others out or silences them, and only where nothing can take it out.
        if speaking.contains(where: { traits[$0.rule].hasExceptions }) {
            let threatened = Set(speaking.flatMap { rules[$0.rule].supersedes }.map(\.id))
            let superseded = speaking.filter {
                traits[$0.rule].isSettledByHead && !threatened.contains(rules[$0.rule].id)
            }
            .flatMap { rules[$0.rule].supersedes }.map(\.id)
            speaking.removeAll { superseded.contains(rules[$0.rule].id) }
        }
        func claims(_ entry: RuleIndex.Entry) -> Bool {
            traits[entry.rule].isSettledByHead && mayClaim(entry.rule, target)
        }
        if !speaking.contains(where: claims) { speaking += matches.filter { traits[$0.rule].isFallback } }
        let byDefault: Tier = speaking.contains(where: claims) ? .readOnly : unmatched
        return Outlook(
            highest: speaking.reduce(byDefault) { max($0, traits[$1.rule].highest) },
            needsBody: speaking.contains { traits[$0.rule].hasOperation || rules[$0.rule].sum?.readsBody ?? false })
    }

    /// Whether a rule may silence fallbacks and the default for this host.
    func mayClaim(_ rule: Int, _ target: Target) -> Bool {
        traits[rule].mayClaimAlways || packs[rules[rule].pack].mayClaim(HostPattern.labels(of: target.authority))
    }
}

extension Traits {
    /// The tier cannot depend on more than the head of a call.
    fileprivate var isSettledByHead: Bool { !countsMoney && !hasOperation }
}

extension Rule.Sum {
    fileprivate var readsBody: Bool { amount.readsBody || currency.readsBody }
}
