/// What one session may take of what all have.
package struct SessionLimits: Sendable {
    /// Connections at a time; nil is seven times what is left free, so that no session takes the last of them.
    package var maxConnections: Int?
    /// Memory that the bodies of its calls have together: half of what all have.
    package var maxBodyMemory = 256 << 20
    /// Calls a second; nil sets no limit.
    package var rate: Int?
    /// Calls that may come at once before the rate counts; nil is those of a second.
    package var burst: Int?

    /// How long a call over the rate is kept before it is read on, in milliseconds; later ones are refused. Well below
    /// the five seconds after which the most impatient client gives up.
    package static let longestDelay: Int64 = 1000
    /// Sessions that are remembered; beyond it the idle one whose last call is longest ago is forgotten.
    package static let remembered = 1000
    /// Connections, over all of the gate, of peers that have not proved whose they are.
    package static let unprovenConnections = 256
    /// What they may ask a second; they are refused, and each refusal is in the journal.
    static let unprovenRate = (calls: 10, burst: 100)
    /// Connections beyond a limit that are told so at the same time; the rest are closed without a word.
    static let farewells = 64
    /// Labels of one session that are shown: the latest.
    static let labels = 16
    /// Bytes of a label that are shown.
    static let labelBytes = 64

    package init() {}

    /// Whether a session with so many connections may have another one while `open` of `limit` are taken.
    ///
    /// A threshold that falls as room gets scarce: one greedy session leaves an eighth, two a fifteenth, and whoever
    /// comes after them finds a place.
    func admitsConnection(having own: Int, open: Int, of limit: Int) -> Bool {
        if let maxConnections { return own < maxConnections }
        return own < 7 * max(1, limit - open)
    }
}
