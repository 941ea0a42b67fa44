import JSON

/// What a program does: a flat table, operands before what uses them, and the tables that it refers to.
final class Code: Sendable {
    struct Loop {
        let kind: Syntax.Comprehension.Kind
        let range: Int32
        /// Places of the variables.
        let variable: Int32
        let second: Int32?
        let condition: Int32?
        /// The key of `transformMapEntry`, whose body is the value.
        let key: Int32?
        let body: Int32
    }

    /// Everything but the class, while it is being put together.
    struct Tables {
        var instructions: [Instruction] = []
        var spans: [Range<UInt32>] = []
        var constants: [Value] = []
        var operands: [Int32] = []
        var optionals: [Bool] = []
        var loops: [Loop] = []
        var patterns: [Pattern] = []
        var zones: [TimeZone] = []
        var sets: [MapValue] = []
        var failures: [EvaluationError] = []
    }

    let instructions: [Instruction]
    let constants: [Value]
    let operands: [Int32]
    let spans: [Range<UInt32>]
    let optionals: [Bool]
    let loops: [Loop]
    let patterns: [Pattern]
    let zones: [TimeZone]
    let sets: [MapValue]
    let failures: [EvaluationError]
    let root: Int32
    /// The comparisons of slots with constants that the whole is, where it is nothing but these joined by `&&`.
    private let comparisons: [Instruction]
    /// Variables of macros that are needed at once.
    let places: Int
    let limits: Limits

    init(_ tables: Tables, root: Int32, places: Int, limits: Limits) {
        instructions = tables.instructions
        constants = tables.constants
        operands = tables.operands
        spans = tables.spans
        optionals = tables.optionals
        loops = tables.loops
        patterns = tables.patterns
        zones = tables.zones
        sets = tables.sets
        failures = tables.failures
        self.root = root
        comparisons = Self.comparisons(tables, root)
        self.places = places
        self.limits = limits
    }

    private static func comparisons(_ tables: Tables, _ root: Int32) -> [Instruction] {
        let whole = tables.instructions[Int(root)]
        if whole.operation == .compareSlot { return [whole] }
        guard whole.operation == .and else { return [] }
        let parts = tables.operands[Int(whole.a)..<Int(whole.a + whole.b)].map { tables.instructions[Int($0)] }
        return parts.allSatisfy { $0.operation == .compareSlot } ? parts : []
    }

    /// The result where the code is comparisons only and each is of scalars of one type; nil where it takes a machine.
    @inline(__always)
    func quickTest(_ slots: Span<Value>) -> Bool? {
        guard !comparisons.isEmpty else { return nil }
        for comparison in comparisons {
            guard Int(comparison.a) < slots.count else { return nil }
            switch slots[Int(comparison.a)] {
            case .int(let int):
                guard case .int(let other) = constants[Int(comparison.b)],
                    let relation = Relation(rawValue: comparison.detail)
                else { return nil }
                if !relation.holds(int, other) { return false }
            case .string(let text):
                guard case .string(let other) = constants[Int(comparison.b)],
                    comparison.detail <= Relation.notEqual.rawValue
                else { return nil }
                if (text == other) != (comparison.detail == Relation.equal.rawValue) { return false }
            default: return nil
            }
        }
        return true
    }
}
