package import Calls

/// What is kept of each agent as long as the gate runs, for no more agents than a limit.
package struct AgentTable<Value: Sendable>: Sendable {
    private var values: [AgentID: Value] = [:]
    /// Agents of which something is kept by name; all that come after them are one.
    private let mostAgents: Int

    /// No agent's name has a space in it.
    private static var others: AgentID { AgentID("all others") }

    package init(mostAgents: Int) { self.mostAgents = mostAgents }

    package subscript(agent: AgentID, orNew new: @autoclosure () -> Value) -> Value {
        get { values[owner(of: agent)] ?? new() }
        set { values[owner(of: agent)] = newValue }
    }

    private func owner(of agent: AgentID) -> AgentID {
        values[agent] != nil || values.count < mostAgents ? agent : Self.others
    }
}
