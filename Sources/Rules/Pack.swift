import Calls
import JSON

/// What a file says beside its rules.
struct Pack: Sendable {
    var name: String
    var version: String
    var file: String
    /// The hosts it speaks for; nil where it declares none.
    var hosts: [HostPattern]?
    /// The MCP servers it speaks for, by the names the site gave them.
    var servers: [Text] = []
    /// Whether the site lets it claim where it declares to, or is its author.
    var isGranted = true
    var unmatched: Tier?
    var ambiguous: Ambiguity?
    var approvers: [String] = []
    var notify: [String] = []
    var quorum = 1
    var threshold = Pack.defaultThreshold
    var decideWithin: Interval?
    var escalateTo: [String] = []
    var onSilence: Terms.Silence?
    /// Named lists, for conditions.
    var lists: [(name: Text, values: [Text])] = []

    /// What becomes of a call that can be read in more than one way.
    enum Ambiguity: String, Sendable, CaseIterable {
        case refuse, hold
    }

    /// 100 USD. The design's default; a pack says another with `defaults.threshold`.
    static let defaultThreshold: Money? = Money("100 USD")

    /// The site's own pack: it declares nothing, so it is not bound to the hosts of a vendor.
    var isOwn: Bool { hosts == nil && servers.isEmpty && isGranted }

    /// Whether its rules may silence fallbacks and the default for this host.
    func mayClaim(_ host: [Text]) -> Bool {
        guard isGranted else { return false }
        return isOwn || hosts?.contains { $0.matches(host) } ?? false
    }
}
