/// A comparison of a slot with a constant that must hold for a condition to be true.
package struct Guard: Sendable {
    package let slot: Int
    package let relation: Relation
    package let constant: Value
}

extension Program {
    /// The condition itself where it is such a comparison, or those that `&&` joins to the rest of it. Where one is false
    /// the condition is false, whatever the others come to.
    package var guards: [Guard] {
        let root = code.instructions[Int(code.root)]
        let parts = root.operation == .and ? code.operands[Int(root.a)..<Int(root.a + root.b)] : [code.root]
        return parts.compactMap { comparison(code.instructions[Int($0)]) }
    }

    /// Every such comparison, wherever it stands and whatever follows from it.
    package var slotComparisons: [Guard] { code.instructions.compactMap(comparison) }

    private func comparison(_ instruction: Instruction) -> Guard? {
        guard instruction.operation == .compareSlot, let relation = Relation(rawValue: instruction.detail) else {
            return nil
        }
        return Guard(slot: Int(instruction.a), relation: relation, constant: code.constants[Int(instruction.b)])
    }
}
