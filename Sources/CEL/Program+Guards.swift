/// A comparison of a slot with a constant that must hold for a condition to be true.
package struct Guard: Sendable {
    package let slot: Int
    package let relation: Relation
    package let constant: Value
}

extension Program {
    /// The condition itself where it is such a comparison, or those that `&&` joins to the rest of it. Where one is false
    /// the condition is false, whatever the others come to.
    package var guards: [Guard] { parts(of: .and).compactMap(comparison) }

    /// Every such comparison, wherever it stands and whatever follows from it.
    package var slotComparisons: [Guard] { code.instructions.compactMap(comparison) }

    /// What the condition comes to whatever the values are that it compares: false where two comparisons that `&&` joins
    /// exclude one another, true where of two that `||` joins one holds in any case; nil otherwise.
    package var foregone: Bool? {
        if excludeOneAnother(guards) { return false }
        let alternatives = parts(of: .or).compactMap(comparison)
        // One of them holds in any case where their opposites exclude one another.
        return alternatives.count > 1 && excludeOneAnother(alternatives.map(\.opposite)) ? true : nil
    }

    private func excludeOneAnother(_ guards: [Guard]) -> Bool {
        guards.indices.contains { index in guards[..<index].contains { guards[index].excludes($0) } }
    }

    private func parts(of operation: Instruction.Operation) -> [Instruction] {
        let root = code.instructions[Int(code.root)]
        guard root.operation == operation else { return [root] }
        return code.operands[Int(root.a)..<Int(root.a + root.b)].map { code.instructions[Int($0)] }
    }

    private func comparison(_ instruction: Instruction) -> Guard? {
        guard instruction.operation == .compareSlot, let relation = Relation(rawValue: instruction.detail) else {
            return nil
        }
        return Guard(slot: Int(instruction.a), relation: relation, constant: code.constants[Int(instruction.b)])
    }
}

extension Guard {
    fileprivate var opposite: Guard { Guard(slot: slot, relation: relation.opposite, constant: constant) }

    /// Whether no value of the slot fits both. Constants of two types say nothing: a number may equal one of another type.
    fileprivate func excludes(_ other: Guard) -> Bool {
        guard slot == other.slot else { return false }
        switch (constant, other.constant) {
        case (.int(let a), .int(let b)): return excludes(other, a, b)
        case (.string(let a), .string(let b)):
            if relation == .equal, other.relation == .equal { return a != b }
            return a == b && other.relation == relation.opposite && (relation == .equal || relation == .notEqual)
        case (.bool(let a), .bool(let b)):
            return relation == .equal && other.relation == .equal && a != b
        default: return false
        }
    }

    private func excludes(_ other: Guard, _ a: Int64, _ b: Int64) -> Bool {
        if relation == .equal { return !other.relation.holds(a, b) }
        if other.relation == .equal { return !relation.holds(b, a) }
        let (low, high) = relation.isLower ? ((self, a), (other, b)) : ((other, b), (self, a))
        guard low.0.relation.isLower, high.0.relation.isUpper else { return false }
        // Above one and under another: for doubles too, so a whole number between the two is not asked for.
        return low.1 > high.1 || low.1 == high.1 && (low.0.relation == .greater || high.0.relation == .less)
    }
}

extension Relation {
    fileprivate var opposite: Relation {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    fileprivate var isLower: Bool { self == .greater || self == .greaterOrEqual }
    fileprivate var isUpper: Bool { self == .less || self == .lessOrEqual }
}
