import CEL

/// The slots of one rule while it is evaluated, filled as they are asked for.
struct Frame: ~Copyable {
    private var first = InlineArray<12, Value>(repeating: .absent(.unbound))
    private var rest: [Value]
    private var filled: UInt64 = 0

    init(_ count: Int) {
        rest = count > Conditions.inlineSlots ? [Value](repeating: .absent(.unbound), count: count) : []
    }

    /// Slots beyond the sixty-fourth are filled each time.
    func isFilled(_ slot: Int) -> Bool { slot < 64 && filled & 1 << UInt64(slot) != 0 }

    mutating func fill(_ slot: Int, _ value: Value) {
        if slot < 64 { filled |= 1 << UInt64(slot) }
        if rest.isEmpty {
            if slot < Conditions.inlineSlots { first[slot] = value }
        } else {
            rest[slot] = value
        }
    }

    func isAbsent(_ slot: Int) -> Bool {
        let value = rest.isEmpty ? slot < Conditions.inlineSlots ? first[slot] : .null : rest[slot]
        return if case .absent = value { true } else { false }
    }

    func evaluate(_ program: Program) throws(EvaluationError) -> Value {
        rest.isEmpty ? try program.evaluate(first.span) : try program.evaluate(rest.span)
    }

    func test(_ program: Program) throws(EvaluationError) -> Bool {
        rest.isEmpty ? try program.test(first.span) : try program.test(rest.span)
    }

    func trace(_ program: Program) -> [TracedPart] {
        rest.isEmpty ? program.trace(first.span) : program.trace(rest.span)
    }
}
