package import Calls
import JSON
package import Rules
package import Wire

/// A judged call as a recording has it: what judging it again needs, and nothing that opens a door.
package struct RecordedCall: Hashable, Sendable {
    /// What is known of the session, as far as conditions can ask.
    package struct Facts: Hashable, Sendable {
        package var calls: Int64?
        package var holds: Int64?
        package var failures: Int64?
        package var autonomy: String?

        package init() {}
    }

    /// What the gate said.
    package struct Judgement: Hashable, Sendable {
        package var tier: Tier
        package var disposition: Disposition
        /// Those at the winning tier.
        package var rules: [String]
        /// SHA-256 of the rule set, hexadecimal.
        package var rulesDigest: String

        package init(tier: Tier, disposition: Disposition, rules: [String], rulesDigest: String) {
            self.tier = tier
            self.disposition = disposition
            self.rules = rules
            self.rulesDigest = rulesDigest
        }

        /// 1 to 4, or 5 where it is never sent.
        package var weight: Int { disposition == .refuse ? 5 : tier.rawValue }
    }

    package enum Content: Hashable, Sendable {
        case none
        /// Behind the head, as far as it was judged: unpacked, and without its secrets.
        case kept
        /// Over a limit, or without a reading that secrets could be taken out of; how long it was.
        case withheld(length: UInt64)
    }

    package var time: Timestamp
    package var session: SessionID
    package var facts: Facts
    /// The least that it counted for because of the way it came; nil where that was nothing.
    package var floor: (tier: Tier, reason: String)? { floorTier.map { ($0, floorReason) } }
    package var floorTier: Tier?
    package var floorReason: String
    package var judgement: Judgement
    /// What two calls share that attach to one hold; a keyed hash.
    package var sameness: [UInt8]
    package var content: Content
    /// One HTTP/1.1 message in absolute form.
    package var message: [UInt8]

    package init(
        time: Timestamp, session: SessionID, facts: Facts, floorTier: Tier? = nil, floorReason: String = "",
        judgement: Judgement, sameness: [UInt8], content: Content, message: [UInt8]
    ) {
        self.time = time
        self.session = session
        self.facts = facts
        self.floorTier = floorTier
        self.floorReason = floorReason
        self.judgement = judgement
        self.sameness = sameness
        self.content = content
        self.message = message
    }
}

extension RecordedCall {
    /// The call, read by the decoder that reads them from agents.
    package func call() throws(WireError) -> Call {
        guard let (head, consumed) = try RequestHead.parse(message.span) else { throw .truncatedBody }
        if head.method == "DNS", let question = question(head) { return question }
        let body: Body =
            switch content {
            case .none: .none
            case .kept: consumed < message.count ? .bytes(Array(message[consumed...])) : .none
            case .withheld(let length): .streamed(length: length)
            }
        return try CallReader.read(
            id: CallID("c_recorded"), session: session, scheme: nil, tunnel: nil, head: head, body: body,
            // No rule reads the principal, and the recording has no credential to make one of.
            principal: { _ in .none })
    }

    /// A question for a name comes over no HTTP; `DNS dns://name/TYPE` stands for it.
    private func question(_ head: RequestHead) -> Call? {
        let url = head.target.string
        guard url.hasPrefix("dns://"), let slash = url.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = Text(String(url[url.index(url.startIndex, offsetBy: 6)..<slash]))
        let type = Text(String(url[url.index(after: slash)...]))
        return Call(
            id: CallID("c_recorded"), session: session, method: "DNS",
            target: Target(
                scheme: .dns, authority: Authority(host: name, port: Scheme.dns.defaultPort), segments: [type],
                query: [], spelling: Text("/\(type)")),
            fields: Fields(), body: .none, document: .none, operations: [.dns(name: name, type: type)], principal: .none
        )
    }

    private var context: Context {
        var known = Context.Known()
        known.calls = facts.calls
        known.holds = facts.holds
        known.failures = facts.failures
        known.autonomy = facts.autonomy.map { Text($0) }
        return Context { [known] in known }
    }

    /// What `rules` make of it, at the time when it was recorded unless another is given.
    package func judge(_ call: Call, by rules: RuleSet, at now: Timestamp? = nil) -> Verdict {
        let verdict = rules.judge(call, at: now ?? time, in: context)
        return floorTier.map { verdict.raised(to: VerdictFloor(tier: $0, reason: floorReason)) } ?? verdict
    }

    /// The weight of that verdict alone, which is most of what a million calls are asked for.
    package func weigh(_ call: Call, by rules: RuleSet, at now: Timestamp? = nil) -> Int {
        max(rules.weigh(call, at: now ?? time, in: context), floorTier?.rawValue ?? 0)
    }

    /// As a person reads it: `POST https://api.stripe.com/v1/refunds`, without the query's values.
    package static func described(_ call: Call) -> String {
        VisibleText.show("\(call.method) \(Record.redacted(call.target))", limit: 240)
    }
}
