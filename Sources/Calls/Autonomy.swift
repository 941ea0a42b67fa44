/// How freely an agent may act, as the person says who runs it: `agent.autonomy` in rules, which alone give it a meaning.
/// Whatever it is, the gate lets nothing pass for it.
package enum Autonomy: String, CaseIterable, Hashable, Sendable {
    /// All but reading is held.
    case supervised
    /// What is outside the set that was approved before is held.
    case constrained
    /// What hard constraints say is held.
    case monitored
    /// Tier 4 and what is flagged is held.
    case full
}
