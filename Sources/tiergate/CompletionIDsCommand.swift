import Operators

extension Command {
    /// What the completion scripts ask: ids that can be decided, each with what it would do.
    static let completionIDs = Command(
        name: "completion ids", summary: "print the ids of holds, for the completion scripts",
        options: [.socket, .config],
        examples: [Example("tiergate completion ids", "an id, a tab and what it would do, for each hold")],
        isHidden: true,
        run: { invocation in
            invocation.asking { gate throws(OperatorFailure) in
                let list = try gate.holds(states: HoldList.needingPerson + ["rejected"])
                for hold in list.holds {
                    invocation.terminal.print("\(hold.id)\t\(Columns.cut(hold.headline, 60))")
                }
                return .ok
            }
        })
}
