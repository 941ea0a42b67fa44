package import Calls
package import JSON

/// Which name each address stands for. An address is never given out twice, so that what a client remembers of it is true
/// as long as the gate runs.
package struct SyntheticTable: Sendable {
    private var numbers: [Text: UInt32] = [:]
    private var names: [UInt32: Text] = [:]
    private var counts = AgentTable<Int>(mostAgents: mostAgents)
    private var next: UInt32

    /// Names that one agent may have addresses for, in all its runs.
    package static let mostNames = 4096
    /// Agents whose names are counted by themselves.
    package static let mostAgents = 1000

    /// - Parameter first: where to begin, so that what clients still remember of an earlier run is seldom another name's.
    package init(first: UInt32 = 1) { next = first % SyntheticAddress.last + 1 }

    package func known(_ name: Text) -> SyntheticAddress? { numbers[name].map(SyntheticAddress.init) }

    /// Nil where the agent has all that it may have, or all addresses are given out.
    package mutating func address(of name: Text, for agent: AgentID) -> SyntheticAddress? {
        if let known = known(name) { return known }
        guard counts[agent, orNew: 0] < SyntheticTable.mostNames, names.count < Int(SyntheticAddress.last) else {
            return nil
        }
        counts[agent, orNew: 0] += 1
        let address = SyntheticAddress(number: next)
        next = next % SyntheticAddress.last + 1
        numbers[name] = address.number
        names[address.number] = name
        return address
    }

    package func name(of address: SyntheticAddress) -> Text? { names[address.number] }
}
