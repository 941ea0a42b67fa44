import JSON

/// Evaluates a code once. What takes time or room is paid for in steps, and when these are used up it is an error.
struct Machine: ~Copyable {
    let code: Code
    /// Variables of macros.
    var locals: [Value]
    private(set) var steps: Int

    init(_ code: Code) {
        self.code = code
        locals = code.places == 0 ? [] : Array(repeating: .null, count: code.places)
        steps = code.limits.steps
    }

    @inline(__always)
    mutating func charge(_ count: Int) throws(EvaluationError) {
        guard count >= 0, count <= steps else {
            // Used up for good: what comes after it finds no steps either.
            steps = -1
            throw EvaluationError(.stepLimit)
        }
        steps &-= count
    }

    /// An error with the place of the instruction that it came of.
    func placed(_ error: EvaluationError, _ at: Int32) -> EvaluationError { error.placed(code.spans[Int(at)]) }

    /// The value of a condition's part: what is not a bool is an error.
    mutating func test(_ at: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        let instruction = code.instructions[Int(at)]
        switch instruction.operation {
        case .and: return try all(instruction, slots)
        case .or: return try any(instruction, slots)
        case .compareSlot, .slotInList, .askSlot, .hasSlot:
            if let answer = code.answer(instruction, slots) { return answer }
            return try askSlowly(at, instruction, slots)
        case .not: return try !test(instruction.a, slots)
        case .compareInts:
            let (a, b) = (try integer(instruction.a, slots), try integer(instruction.b, slots))
            return Relation(rawValue: instruction.detail)?.holds(a, b) ?? false
        case .equalStrings: return try areSameStrings(instruction, slots)
        case .differentStrings: return try !areSameStrings(instruction, slots)
        case .equal: return try areEqual(instruction, slots)
        case .notEqual: return try !areEqual(instruction, slots)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return try inOrder(at, instruction, slots)
        case .matchesPattern:
            guard case .string(let text) = try value(instruction.a, slots) else {
                throw placed(.noSuchOverload("matches"), at)
            }
            try charge(text.count >> 3)
            guard let result = code.patterns[Int(instruction.b)].matches(text) else {
                throw placed(EvaluationError(.pattern), at)
            }
            return result
        case .containedInSet:
            return code.sets[Int(instruction.b)][try value(instruction.a, slots)] != nil
        case .conditional:
            return try test(try test(instruction.a, slots) ? instruction.b : instruction.c, slots)
        case .call:
            if let result = try textual(instruction, slots) { return result }
            fallthrough
        default:
            guard case .bool(let bool) = try value(at, slots) else {
                throw placed(EvaluationError(.noSuchOverload), at)
            }
            return bool
        }
    }

    /// The value of what the checker knows to be an int.
    mutating func integer(_ at: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Int64 {
        let instruction = code.instructions[Int(at)]
        switch instruction.operation {
        case .constant:
            if case .int(let int) = code.constants[Int(instruction.a)] { return int }
        case .slot:
            if Int(instruction.a) < slots.count, case .int(let int) = slots[Int(instruction.a)] { return int }
        case .addInts, .subtractInts, .multiplyInts:
            let (a, b) = (try integer(instruction.a, slots), try integer(instruction.b, slots))
            let (result, overflow) =
                switch instruction.operation {
                case .addInts: a.addingReportingOverflow(b)
                case .subtractInts: a.subtractingReportingOverflow(b)
                default: a.multipliedReportingOverflow(by: b)
                }
            guard !overflow else { throw placed(EvaluationError(.overflow), at) }
            return result
        default: break
        }
        guard case .int(let int) = try value(at, slots) else { throw placed(EvaluationError(.noSuchOverload), at) }
        return int
    }

    mutating func value(_ at: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        let instruction = code.instructions[Int(at)]
        switch instruction.operation {
        case .constant: return code.constants[Int(instruction.a)]
        case .slot: return try slot(at, instruction.a, slots)
        case .optionalSlot: return try optionalSlot(at, instruction.a, slots)
        case .local: return locals[Int(instruction.a)]
        case .and, .or, .not, .compareSlot, .slotInList, .askSlot, .compareInts, .equalStrings, .differentStrings,
            .equal, .notEqual, .less,
            .lessOrEqual,
            .greater, .greaterOrEqual, .hasSlot, .matchesPattern, .containedInSet:
            return .bool(try test(at, slots))
        case .addInts, .subtractInts, .multiplyInts: return .int(try integer(at, slots))
        case .conditional:
            return try value(try test(instruction.a, slots) ? instruction.b : instruction.c, slots)
        case .fail:
            throw placed(
                Int(instruction.a) < code.failures.count
                    ? code.failures[Int(instruction.a)] : EvaluationError(.unboundFunction), at)
        case .loop: return try loop(at, code.loops[Int(instruction.a)], slots)
        case .bind:
            locals[Int(instruction.c)] = try value(instruction.a, slots)
            return try value(instruction.b, slots)
        case .mapOptional, .flatMapOptional:
            guard case .optional(let optional) = try value(instruction.a, slots) else {
                throw placed(.noSuchOverload("optMap"), at)
            }
            guard let content = optional.value else { return .optional(.nothing) }
            locals[Int(instruction.c)] = content
            let result = try value(instruction.b, slots)
            if instruction.operation == .mapOptional { return .optional(OptionalValue(result)) }
            guard case .optional = result else { throw placed(.noSuchOverload("optFlatMap"), at) }
            return result
        case .list, .map, .optionalList, .optionalMap:
            do throws(EvaluationError) { return try literal(instruction, slots) } catch { throw placed(error, at) }
        default:
            do throws(EvaluationError) { return try compound(instruction, slots) } catch { throw placed(error, at) }
        }
    }

    // MARK: Slots

    @inline(__always)
    func slot(_ at: Int32, _ number: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        guard Int(number) < slots.count else { throw placed(EvaluationError(.unbound), at) }
        let value = slots[Int(number)]
        if case .absent(let absence) = value { throw placed(absence.error, at) }
        return value
    }

    private func optionalSlot(_ at: Int32, _ number: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        if Int(number) < slots.count, case .absent(.noSuchKey) = slots[Int(number)] { return .optional(.nothing) }
        return .optional(OptionalValue(try slot(at, number, slots)))
    }

    func isPresent(_ at: Int32, _ number: Int32, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        guard Int(number) < slots.count else { throw placed(EvaluationError(.unbound), at) }
        switch slots[Int(number)] {
        case .absent(.noSuchKey): return false
        case .absent(.ambiguous): return true
        case .absent(let absence): throw placed(absence.error, at)
        default: return true
        }
    }

    // MARK: Logic

    /// One operand that is false decides, whatever the others are; else the first error stands. No steps left is the end.
    private mutating func all(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        var failure: EvaluationError?
        for place in instruction.a..<instruction.a &+ instruction.b {
            do throws(EvaluationError) {
                guard try test(code.operands[Int(place)], slots) else { return false }
            } catch {
                guard error.kind != .stepLimit else { throw error }
                if failure == nil { failure = error }
            }
        }
        if let failure { throw failure }
        return true
    }

    private mutating func any(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Bool {
        var failure: EvaluationError?
        for place in instruction.a..<instruction.a &+ instruction.b {
            do throws(EvaluationError) {
                if try test(code.operands[Int(place)], slots) { return true }
            } catch {
                guard error.kind != .stepLimit else { throw error }
                if failure == nil { failure = error }
            }
        }
        if let failure { throw failure }
        return false
    }

    // MARK: Literals

    private mutating func literal(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        let isMap = instruction.operation == .map || instruction.operation == .optionalMap
        let hasFlags = instruction.operation == .optionalList || instruction.operation == .optionalMap
        try charge(Int(instruction.b))
        var keys: [Value] = []
        var values: [Value] = []
        values.reserveCapacity(Int(instruction.b))
        var place = instruction.a
        var flag = instruction.c
        while place < instruction.a + instruction.b {
            let key: Value? = isMap ? try value(code.operands[Int(place)], slots) : nil
            if isMap { place += 1 }
            var element = try value(code.operands[Int(place)], slots)
            place += 1
            if hasFlags {
                flag += 1
                if code.optionals[Int(flag - 1)] {
                    guard case .optional(let optional) = element else { throw EvaluationError(.noSuchOverload, "?") }
                    guard let content = optional.value else { continue }
                    element = content
                }
            }
            if let key { keys.append(try Self.checkedKey(key)) }
            values.append(element)
        }
        guard isMap else { return .list(values) }
        guard let map = MapValue(keys, values) else { throw EvaluationError(.duplicateKey) }
        return .map(map)
    }

    static func checkedKey(_ key: Value) throws(EvaluationError) -> Value {
        switch key {
        case .bool, .int, .uint, .string: return key
        default: throw EvaluationError(.unsupportedKey)
        }
    }
}

extension Absence {
    var error: EvaluationError {
        switch self {
        case .noSuchKey, .noContainer: EvaluationError(.noSuchKey)
        case .notMap: EvaluationError(.noSuchOverload)
        case .unbound: EvaluationError(.unbound)
        case .ambiguous: EvaluationError(.ambiguous)
        }
    }
}
