/// One part of an expression, with what it came to.
package struct TracedPart: Sendable {
    /// Bytes of the source.
    package let span: Range<Int>
    /// Parts around it.
    package let depth: Int
    /// The slot whose value it is, where it has no place of its own in the source.
    package let slot: Int?
    package let result: Result<Value, EvaluationError>
}

extension Program {
    /// What every part came to, each evaluated by itself, the whole first. Literals are left out, and what stands in the
    /// body of a macro, which has a value for each element.
    package func trace(_ slots: Span<Value>) -> [TracedPart] {
        var parts: [TracedPart] = []
        var waiting = [(at: code.root, depth: 0)]
        while let (at, depth) = waiting.popLast() {
            let instruction = code.instructions[Int(at)]
            guard instruction.operation != .constant else { continue }
            var machine = Machine(code)
            let result: Result<Value, EvaluationError>
            do throws(EvaluationError) {
                result = .success(try machine.value(at, slots))
            } catch {
                result = .failure(error)
            }
            let span = code.spans[Int(at)]
            parts.append(
                TracedPart(span: Int(span.lowerBound)..<Int(span.upperBound), depth: depth, slot: nil, result: result))
            if instruction.operation.readsSlot, Int(instruction.a) < slots.count {
                let value = slots[Int(instruction.a)]
                if case .absent = value { continue }
                parts.append(
                    TracedPart(
                        span: Int(span.lowerBound)..<Int(span.upperBound), depth: depth + 1, slot: Int(instruction.a),
                        result: .success(value)))
            }
            for operand in code.operands(of: instruction).reversed() { waiting.append((operand, depth + 1)) }
        }
        return parts
    }
}

extension Code {
    /// The instructions that one is made of, those in the bodies of macros left out.
    fileprivate func operands(of instruction: Instruction) -> [Int32] {
        switch instruction.operation {
        case .constant, .slot, .hasSlot, .optionalSlot, .local, .compareSlot, .slotInList, .askSlot, .fail: []
        case .select, .optionalSelect, .has, .not, .negate, .containedInSet, .matchesPattern, .inZone, .bind,
            .mapOptional, .flatMapOptional:
            [instruction.a]
        case .index, .optionalIndex, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .add,
            .subtract, .multiply, .divide, .remainder, .compareInts, .addInts, .subtractInts, .multiplyInts,
            .equalStrings, .differentStrings, .contained:
            [instruction.a, instruction.b]
        case .and, .or, .list, .map, .call, .optionalList, .optionalMap:
            Array(operands[Int(instruction.a)..<Int(instruction.a + instruction.b)])
        case .conditional: [instruction.a, instruction.b, instruction.c]
        case .loop: [loops[Int(instruction.a)].range]
        }
    }
}

extension Instruction.Operation {
    /// Asks about a slot that no instruction of its own reads.
    fileprivate var readsSlot: Bool {
        switch self {
        case .compareSlot, .slotInList, .askSlot: true
        default: false
        }
    }
}
