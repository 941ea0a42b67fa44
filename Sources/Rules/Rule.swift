import Calls
import JSON

/// One rule as it judges.
///
/// A class, because a rule is large and handed on often. It changes only while its file is read, before anybody else has
/// it.
final class Rule: @unchecked Sendable {
    /// What a call must be for the rule to speak. Lists are alternatives, the keys hold together.
    struct Match: Sendable {
        var hosts: [HostPattern] = [.every]
        /// In capitals; empty: any.
        var methods: [Text] = []
        var paths: [PathTemplate] = [.every]
        /// Names of parameters of the query, compared byte for byte.
        var query = Presence<Text>()
        /// Names of header fields.
        var header = Presence<String>()
        var operation: OperationPattern?

        func fits(_ method: Text) -> Bool { methods.isEmpty || methods.contains(method.asciiUppercased) }
    }

    /// Names that must be there: every one of `all`, and at least one of `any` where it has some.
    struct Presence<Name: Sendable>: Sendable {
        var all: [Name] = []
        var any: [Name] = []

        var isEmpty: Bool { all.isEmpty && any.isEmpty }

        func holds(_ isThere: (Name) -> Bool) -> Bool {
            all.allSatisfy(isThere) && (any.isEmpty || any.contains(where: isThere))
        }
    }

    /// A rule that this one takes out where both match.
    struct Superseded: Sendable {
        let id: String
        let span: SourceSpan
    }

    let id: String
    let pack: Int
    let span: SourceSpan
    var title: String?
    var tags: [String] = []
    var category: Category?
    var tier: Tier?
    var match = Match()
    var isFallback = false
    let conditions = Conditions()
    var approvers: [String] = []
    var quorum = 1
    /// Who is told, and not asked.
    var notify: [String] = []
    /// How long a person has; nil: as long as the gate's setting says.
    var decideWithin: Interval?
    /// Groups that are told one after the other where nobody acts.
    var escalateTo: [String] = []
    /// What becomes of the session where nobody has acted at all; nil: as the gate's setting says.
    var onSilence: Terms.Silence?
    /// A decision counts only with a signature.
    var needsSignature = false
    /// Whether the stored call may be sent without its agent; nil: as the operator says.
    var detached: Terms.Detached?
    /// The agent that hangs up takes its call back.
    var withdrawsOnDisconnect = false
    /// Refused, never held.
    var isBlock = false
    var reason: String?
    var supersedes: [Superseded] = []
    var until: CivilDate?
    var isFinal = false
    var isShadow = false
    /// The header by which the upstream recognises a repeated call; kept for those who send.
    var idempotency: String?

    init(id: String, pack: Int, span: SourceSpan) {
        self.id = id
        self.pack = pack
        self.span = span
    }

    /// The tier before anything in the rule is evaluated.
    var floor: Tier {
        if isBlock { return .irreversible }
        let byCategory: Tier? = conditions.sum != nil ? .external : category.map { _ in .irreversible }
        return max(tier ?? .readOnly, byCategory ?? .readOnly)
    }

    /// The most this rule can say; what it does say where it cannot read what it needs.
    var highest: Tier {
        if conditions.sum != nil { return .irreversible }
        return conditions.escalations.reduce(floor) { max($0, $1.tier) }
    }

    /// Above every tier.
    static let blockWeight = Tier.irreversible.rawValue + 1

    func hasEnded(at now: Timestamp) -> Bool { until.map { now >= $0.end } ?? false }
}
