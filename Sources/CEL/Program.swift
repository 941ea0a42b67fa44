/// An expression that was read, checked and compiled: immutable, and evaluated by any number of tasks at once.
package struct Program: Sendable {
    /// The type of its result; dyn where only evaluating tells.
    package let type: ValueType
    /// The slots that it may read, without repetition.
    package let slots: [Int]
    let code: Code

    /// The value, from the slots of the table that the program was compiled with. A slot beyond the end is unbound.
    package func evaluate(_ slots: Span<Value>) throws(EvaluationError) -> Value {
        var machine = Machine(code)
        return try machine.value(code.root, slots)
    }

    /// The same for a condition, faster.
    package func test(_ slots: Span<Value>) throws(EvaluationError) -> Bool {
        if let result = code.quickTest(slots) { return result }
        var machine = Machine(code)
        return try machine.test(code.root, slots)
    }

    /// A comparison of a slot with a constant.
    package struct Comparison: Sendable {
        package let slot: Int
        package let relation: Relation
        package let constant: Value
    }

    /// What must hold for the condition to be true; where `isWhole`, nothing else need. A condition with one of these
    /// false is false, whatever errors its other parts have: an index may leave it out.
    package var comparisons: (needed: [Comparison], isWhole: Bool) {
        let root = code.instructions[Int(code.root)]
        var parts = [code.root]
        if root.operation == .and { parts = Array(code.operands[Int(root.a)..<Int(root.a + root.b)]) }
        let needed = parts.compactMap { part -> Comparison? in
            let instruction = code.instructions[Int(part)]
            guard instruction.operation == .compareSlot, !instruction.isDenied,
                let relation = Relation(rawValue: instruction.detail)
            else {
                return nil
            }
            return Comparison(
                slot: Int(instruction.a), relation: relation, constant: code.constants[Int(instruction.b)])
        }
        return (needed, needed.count == parts.count)
    }

    /// The value of an expression that reads nothing and was folded to a constant.
    package var constant: Value? {
        let root = code.instructions[Int(code.root)]
        return root.operation == .constant ? code.constants[Int(root.a)] : nil
    }
}
