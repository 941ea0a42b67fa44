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
            .map { rules[$0.rule] }.filter { !$0.isShadow }
        let ordinary = matches.filter { !$0.isFallback }
        // Only what is certain by the head takes others out or silences them, and only where nothing can take it out.
        let threatened = Set(ordinary.flatMap(\.supersedes).map(\.id))
        let certain = ordinary.filter { $0.isSettledByHead && !threatened.contains($0.id) }
        let superseded = Set(certain.flatMap(\.supersedes).map(\.id))
        let host = HostPattern.labels(of: target.authority)
        var speaking = ordinary.filter { !superseded.contains($0.id) }
        func claims(_ rule: Rule) -> Bool { rule.isSettledByHead && pack(of: rule).mayClaim(host) }
        if !speaking.contains(where: claims) { speaking += matches.filter(\.isFallback) }
        let byDefault: Tier = speaking.contains(where: claims) ? .readOnly : unmatched
        return Outlook(
            highest: speaking.map(\.highest).reduce(byDefault, max),
            needsBody: speaking.contains { $0.match.operation != nil || ($0.sum?.readsBody ?? false) })
    }
}

extension Rule.Sum {
    fileprivate var readsBody: Bool { amount.readsBody || currency.readsBody }
}
