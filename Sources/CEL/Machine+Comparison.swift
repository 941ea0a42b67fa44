import JSON

/// Equality between all types, order between those that have one.
extension Machine {
    /// A question about a slot whose answer is not there at once: the slot has something else, or nothing.
    @inline(never)
    mutating func askSlowly(
        _ at: Int32, _ question: Instruction, _ slots: Span<Value>
    ) throws(EvaluationError) -> Bool {
        try plainAnswer(at, question, slots) != question.isDenied
    }

    private mutating func plainAnswer(
        _ at: Int32, _ question: Instruction, _ slots: Span<Value>
    ) throws(EvaluationError) -> Bool {
        if question.operation == .hasSlot { return try isPresent(at, question.a, slots) }
        let value = try slot(at, question.a, slots)
        let constant = code.constants[Int(question.b)]
        do throws(EvaluationError) {
            switch question.operation {
            case .slotInList: return try contains(value, in: constant)
            case .askSlot:
                let functions: [Function] = [.startsWith, .endsWith, .contains]
                var arguments = Arguments()
                arguments.append(value)
                arguments.append(constant)
                guard Int(question.detail) < functions.count,
                    case .bool(let answer) = try call(functions[Int(question.detail)], arguments)
                else { throw .noSuchOverload("string") }
                return answer
            default: break
            }
            switch Relation(rawValue: question.detail) {
            case .equal: return try isEqual(value, constant)
            case .notEqual: return try !isEqual(value, constant)
            case .some(let relation):
                guard let result = Self.order(relation, value, constant) else { throw .noSuchOverload("<") }
                return result
            case nil: throw .noSuchOverload("<")
            }
        } catch {
            throw placed(error, at)
        }
    }

    @inline(__always)
    mutating func areSameStrings(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        guard case .string(let a) = try value(instruction.a, slots),
            case .string(let b) = try value(instruction.b, slots)
        else { throw .noSuchOverload("==") }
        if a.count > 1_024 { try charge(a.count >> 6) }
        return a == b
    }

    mutating func areEqual(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        let left = try value(instruction.a, slots)
        return try isEqual(left, try value(instruction.b, slots))
    }

    mutating func inOrder(
        _ at: Int32, _ instruction: Instruction, _ slots: Span<Value>
    ) throws(EvaluationError) -> Bool {
        let relation: Relation =
            switch instruction.operation {
            case .less: .less
            case .lessOrEqual: .lessOrEqual
            case .greater: .greater
            default: .greaterOrEqual
            }
        let left = try value(instruction.a, slots)
        let right = try value(instruction.b, slots)
        guard let result = Self.order(relation, left, right) else { throw placed(.noSuchOverload("<"), at) }
        return result
    }

    /// Nil where two values have no order.
    static func order(_ relation: Relation, _ a: Value, _ b: Value) -> Bool? {
        switch (a, b) {
        case (.int(let a), .int(let b)): relation.holds(a, b)
        case (.string(let a), .string(let b)), (.bytes(let a), .bytes(let b)):
            switch relation {
            case .less: a < b
            case .greater: b < a
            case .lessOrEqual: !(b < a)
            default: !(a < b)
            }
        case (.uint(let a), .uint(let b)): relation.holds(a, b)
        case (.double(let a), .double(let b)): relation.holds(a, b)
        case (.int(let a), .uint(let b)): a < 0 ? relation.holds(0, 1) : relation.holds(UInt64(a), b)
        case (.uint(let a), .int(let b)): b < 0 ? relation.holds(1, 0) : relation.holds(a, UInt64(b))
        // The nearest double, as the specification's tests have it.
        case (.int(let a), .double(let b)): relation.holds(Double(a), b)
        case (.double(let a), .int(let b)): relation.holds(a, Double(b))
        case (.uint(let a), .double(let b)): relation.holds(Double(a), b)
        case (.double(let a), .uint(let b)): relation.holds(a, Double(b))
        case (.bool(let a), .bool(let b)): relation.holds(a ? 1 : 0, b ? 1 : 0)
        case (.duration(let a), .duration(let b)): relation.holds(a, b)
        case (.timestamp(let a), .timestamp(let b)):
            a.seconds == b.seconds ? relation.holds(a.nanoseconds, b.nanoseconds) : relation.holds(a.seconds, b.seconds)
        case (.opaque(let a), .opaque(let b)):
            if case .decimal(let x) = a.content, case .decimal(let y) = b.content {
                relation.holds(x.compare(y), 0)
            } else {
                nil
            }
        default: nil
        }
    }

    /// Values of different types differ, numbers excepted: those stand on one line.
    mutating func isEqual(_ a: Value, _ b: Value) throws(EvaluationError) -> Bool {
        switch (a, b) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.string(let a), .string(let b)), (.bytes(let a), .bytes(let b)):
            if a.count > 64 { try charge(a.count >> 6) }
            return a == b
        case (.int, .uint), (.int, .double), (.uint, .int), (.uint, .uint), (.uint, .double), (.double, .int),
            (.double, .uint), (.double, .double):
            return Self.order(.equal, a, b) ?? false
        case (.type(let a), .type(let b)): return a == b
        case (.timestamp(let a), .timestamp(let b)): return a == b
        case (.duration(let a), .duration(let b)): return a == b
        case (.opaque(let a), .opaque(let b)):
            if case .decimal(let x) = a.content, case .decimal(let y) = b.content { return x.compare(y) == 0 }
            return a.content == b.content
        case (.optional(let a), .optional(let b)):
            guard let x = a.value, let y = b.value else { return a.value == nil && b.value == nil }
            return try isEqual(x, y)
        default: break
        }
        guard a.isContainer, b.isContainer, a.isList == b.isList, a.elementCount == b.elementCount else { return false }
        try charge(a.elementCount + 1)
        if a.isList {
            var (left, right) = (ValueSequence(a), ValueSequence(b))
            while let x = left?.next(), let y = right?.next() {
                guard try isEqual(x, y) else { return false }
            }
            return true
        }
        var entries = ValueSequence(a)
        while let (key, value) = entries?.nextEntry() {
            guard let other = try member(key, of: b) else { return false }
            guard try isEqual(value, other) else { return false }
        }
        return true
    }
}
