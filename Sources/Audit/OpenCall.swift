package import Calls

/// A call that was under way when the previous process ended: opened in the journal, never closed.
package struct OpenCall: Hashable, Sendable {
    package let id: CallID
    package var hold: HoldID?
    /// Whether some of it may have left: it passed at once, or its hold had a permit.
    package var mayHaveLeft: Bool

    /// What its closing line says.
    package var outcome: Outcome {
        mayHaveLeft ? .uncertain(cause: "the gate ended while the call was under way") : .lost
    }
}
