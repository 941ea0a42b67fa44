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
    /// The questions about slots that the whole is, where it is nothing but these, joined by `&&` or `||`.
    let questions: [Instruction]
    let areAlternatives: Bool
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
        let whole = tables.instructions[Int(root)]
        let isJoined = whole.operation == .and || whole.operation == .or
        let parts = isJoined ? Array(tables.operands[Int(whole.a)..<Int(whole.a + whole.b)]) : [root]
        let questions = parts.map { tables.instructions[Int($0)] }
        self.questions = questions.allSatisfy(\.isQuestion) ? questions : []
        areAlternatives = whole.operation == .or
        self.places = places
        self.limits = limits
    }
}
