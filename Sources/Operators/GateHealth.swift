/// How the gate is, as far as whoever runs it knows.
package struct GateHealth: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        case working
        /// A sentence: what fails and what to do.
        case failing(String)
    }

    /// SHA-256 of the rules in force.
    package let rulesDigest: String
    package let store: Part
    package let journal: Part

    package init(rulesDigest: String, store: Part, journal: Part) {
        self.rulesDigest = rulesDigest
        self.store = store
        self.journal = journal
    }
}
