import Operators

extension Command {
    static let freeze = Command(
        name: "freeze", summary: "pause everything, an agent or a session: reading passes, everything else waits",
        operands: [.scope(isRequired: false)], options: [.stopReason, .socket],
        details: """
            Tier 1 passes. Tier 2 waits on its connection as a held call does, then is told to come again. Holds stay: you \
            can decide about them, nothing is sent, and their time goes on. After `tiergate resume` what was approved and \
            is awaited is sent. It outlives a restart. A file `freeze` in the gate's state directory does the same.
            """,
        examples: [
            Example("tiergate freeze --reason 'looking into the odd refunds'", "everything"),
            Example("tiergate freeze session:local", "one run of one agent"),
        ],
        run: { $0.change(.freeze) })
}
