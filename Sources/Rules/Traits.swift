import Calls
import JSON

/// What the decision asks of every candidate, without reference counts: a rule itself is touched only where these say
/// that there is something to look at.
struct Traits: BitwiseCopyable, Sendable {
    struct Flags: OptionSet, BitwiseCopyable, Sendable {
        let rawValue: UInt16

        static let fallback = Flags(rawValue: 1 << 0)
        static let shadow = Flags(rawValue: 1 << 1)
        static let block = Flags(rawValue: 1 << 2)
        /// Something in the rule depends on more than its match.
        static let conditions = Flags(rawValue: 1 << 3)
        /// Names of parameters or fields must be there.
        static let presence = Flags(rawValue: 1 << 4)
        static let exceptions = Flags(rawValue: 1 << 5)
        static let operation = Flags(rawValue: 1 << 6)
        /// A rule for operations that is for certain hosts or paths too.
        static let route = Flags(rawValue: 1 << 7)
        /// A rule for operations whose names have `*`.
        static let glob = Flags(rawValue: 1 << 8)
        /// May silence fallbacks and the default wherever it matches.
        static let claimsAlways = Flags(rawValue: 1 << 9)
        /// May do so where its pack speaks for the host or the server.
        static let claims = Flags(rawValue: 1 << 10)
        static let approvers = Flags(rawValue: 1 << 11)
        static let summary = Flags(rawValue: 1 << 12)
    }

    let flags: Flags
    /// What it counts where nothing in it has to be looked at; blocking ranks above every tier.
    let weight: UInt8
    /// The most it can count, and what it does count where it cannot read what it needs.
    let highest: UInt8
    let quorum: UInt8
    let pack: Int32
    /// Where the rule stands when superseding is worked out: who supersedes comes before whom it supersedes.
    let rank: Int32
    /// From here on, in milliseconds of `Timestamp`, the rule counts for nothing.
    let end: Int64

    init(_ rule: Rule, in pack: Pack, rank: Int) {
        var flags: Flags = []
        let match = rule.match
        func set(_ flag: Flags, _ holds: Bool) { if holds { flags.insert(flag) } }
        set(.fallback, rule.isFallback)
        set(.shadow, rule.isShadow)
        set(.block, rule.isBlock)
        set(.conditions, rule.conditions.decide)
        set(.presence, !(match.query.isEmpty && match.header.isEmpty))
        set(.exceptions, !rule.supersedes.isEmpty)
        set(.operation, match.operation != nil)
        set(.route, match.operation != nil && (match.hosts != [.every] || match.paths != [.every]))
        set(.glob, match.operation?.names.contains { !$0.isExact } ?? false)
        set(.claims, pack.isGranted)
        set(.claimsAlways, pack.mayAlwaysClaim(match))
        set(.approvers, !rule.approvers.isEmpty || !rule.notify.isEmpty)
        set(.summary, rule.conditions.summary != nil)
        self.flags = flags
        weight = UInt8(rule.isBlock ? Rule.blockWeight : rule.floor.rawValue)
        highest = UInt8(rule.isBlock ? Rule.blockWeight : rule.highest.rawValue)
        quorum = UInt8(clamping: rule.quorum)
        self.pack = Int32(rule.pack)
        self.rank = Int32(rank)
        end = rule.until?.end.milliseconds ?? .max
    }

    /// The place of the rule among those that are looked at, as `Candidate` sorts.
    var order: UInt8 {
        let rest = (flags.contains(.exceptions) ? 0 : 8) | UInt8(Rule.blockWeight) - highest
        if flags.contains(.shadow) { return 0xC0 | rest }
        return flags.contains(.fallback) ? 0x80 | rest : rest
    }
}

extension Pack {
    /// Whether a rule with this match silences fallbacks, whichever of its calls comes.
    func mayAlwaysClaim(_ match: Rule.Match) -> Bool { isGranted && mayClaim(all: match) }

    /// Whether the pack speaks for every host that a rule matches.
    private func mayClaim(all match: Rule.Match) -> Bool {
        guard !isOwn else { return true }
        if match.operation?.kind == .mcp { return match.operation.map { mayClaim(servers: $0.scopes) } ?? false }
        // Most rules of a pack are for all its hosts, which is the same array.
        return hosts.map { hosts in match.hosts == hosts || match.hosts.allSatisfy(hosts.contains) } ?? false
    }

    private func mayClaim(servers: [Text]) -> Bool { !servers.isEmpty && servers.allSatisfy(self.servers.contains) }
}
