/// Every hostile message that the gate is proven against; `deploy/prove hostile` sends them all.
package enum HostileCorpus {
    package static let families: [HostileFamily] =
        framing + chunks + lines + octets + startLines + targets + hosts + fields + connections + sizes + sequences

    package static let messages = families.flatMap(\.messages)

    /// A few of each family, spread evenly.
    package static func sample(of each: Int) -> [HostileMessage] {
        families.flatMap { family in
            let step = max(1, family.messages.count / each)
            return stride(from: 0, to: family.messages.count, by: step).prefix(each).map { family.messages[$0] }
        }
    }
}
