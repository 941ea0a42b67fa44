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
    /// Of recordings for rehearsals of rules; calls go on without them.
    package let recording: Part

    package init(rulesDigest: String, store: Part, journal: Part, recording: Part = .working) {
        self.rulesDigest = rulesDigest
        self.store = store
        self.journal = journal
        self.recording = recording
    }
}
