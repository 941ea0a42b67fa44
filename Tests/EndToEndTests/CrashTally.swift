/// What a crash proof counted.
struct CrashTally: Sendable {
    enum Finding: String, CaseIterable, Sendable {
        /// A held call reached the upstream without an approval, or not as it was approved.
        case unapproved
        /// An approval was spent twice.
        case twice
        /// A confirmed decision, an announced hold, or an answer that was said to be delivered is gone.
        case lost
        /// An answer that is not the upstream's to this call of this agent.
        case invented
        /// Time running out, a crash, a person: one was called by another's name, or an agent was told an untruth.
        case misnamed
        /// Something passed that is not in the journal.
        case unrecorded
        /// The journal does not verify.
        case journal
        case other
    }

    private(set) var rounds = 0
    private(set) var kinds: [Disturbance: Int] = [:]
    var requests = 0
    var holds = 0
    var approvals = 0
    var sent = 0
    /// Answers of the gate itself, by their reason.
    var reasons: [String: Int] = [:]
    /// Of starts while the disturbance lasted.
    var startsRefused = 0
    var startsServed = 0
    private(set) var findings: [(finding: Finding, text: String)] = []

    init() {}

    init(round: Disturbance) {
        rounds = 1
        kinds = [round: 1]
    }

    mutating func find(_ finding: Finding, _ text: String) { findings.append((finding, text)) }

    /// What was found in an earlier round too is told once.
    mutating func leaveOut(_ known: inout Set<String>) {
        findings = findings.filter { finding in
            let hold = finding.text.firstRange(of: "h_").map { finding.text[$0.lowerBound...].prefix(14) }
            return known.insert("\(finding.finding) \(hold ?? finding.text[...])").inserted
        }
    }

    /// Each finding with what makes it happen again.
    func named(_ seed: String) -> CrashTally {
        var tally = self
        tally.findings = findings.map { ($0.finding, "seed \(seed): \($0.text.prefix(1200))") }
        return tally
    }

    mutating func add(_ other: CrashTally) {
        rounds += other.rounds
        kinds.merge(other.kinds, uniquingKeysWith: +)
        requests += other.requests
        holds += other.holds
        approvals += other.approvals
        sent += other.sent
        reasons.merge(other.reasons, uniquingKeysWith: +)
        startsRefused += other.startsRefused
        startsServed += other.startsServed
        findings += other.findings
    }

    func count(_ finding: Finding) -> Int { findings.count { $0.finding == finding } }

    var summary: String {
        let found = Finding.allCases.map { "\($0.rawValue) \(count($0))" }.joined(separator: ", ")
        return "\(rounds) rounds, \(requests) requests, \(holds) holds, \(approvals) approvals, \(sent) sent: \(found)"
    }

    var details: String {
        let kinds = Disturbance.allCases.map { "\($0.rawValue) \(self.kinds[$0] ?? 0)" }.joined(separator: ", ")
        let reasons = self.reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "rounds by disturbance: \(kinds)\nstarts meanwhile: \(startsRefused) refused, "
            + "\(startsServed) served\nthe gate said: \(reasons)"
    }
}
