/// Conditions that are nothing but questions about slots: no machine, no copies, no counting of references.
extension Code {
    /// The result where every slot that is asked is a scalar of the type that the question is about; nil where it takes
    /// a machine.
    @inline(__always)
    func quickTest(_ slots: Span<Value>) -> Bool? {
        guard !questions.isEmpty else { return nil }
        for question in questions {
            guard let answer = answer(question, slots) else { return nil }
            if answer == areAlternatives { return answer }
        }
        return !areAlternatives
    }

    /// Scalars of one type are compared where they are; nil for everything else.
    @inline(__always)
    func answer(_ question: Instruction, _ slots: Span<Value>) -> Bool? {
        guard let answer = plainAnswer(question, slots) else { return nil }
        return answer != question.isDenied
    }

    @inline(__always)
    private func plainAnswer(_ question: Instruction, _ slots: Span<Value>) -> Bool? {
        let (slot, constant) = (Int(question.a), Int(question.b))
        guard slot < slots.count else { return nil }
        switch question.operation {
        case .compareSlot: return compare(slots[slot], constants[constant], question.detail)
        case .slotInList:
            guard case .list(let elements) = constants[constant] else { return nil }
            for index in elements.indices {
                guard let isSame = compare(slots[slot], elements[index], Relation.equal.rawValue) else { return nil }
                if isSame { return true }
            }
            return false
        case .askSlot:
            guard case .string(let text) = slots[slot], case .string(let part) = constants[constant] else { return nil }
            switch TextQuestion(rawValue: question.detail) {
            case .startsWith: return text.hasPrefix(part)
            case .endsWith: return text.hasSuffix(part)
            // Long texts are paid for, which takes a machine.
            case .contains: return text.count > 1_024 ? nil : text.firstOffset(of: part) != nil
            case nil: return nil
            }
        case .slot:
            guard case .bool(let bool) = slots[slot] else { return nil }
            return bool
        case .hasSlot:
            guard case .absent(let absence) = slots[slot] else { return true }
            return absence == .noSuchKey ? false : nil
        default: return nil
        }
    }

    @inline(__always)
    private func compare(_ value: Value, _ constant: Value, _ relation: UInt8) -> Bool? {
        switch value {
        case .int(let int):
            guard case .int(let other) = constant else { return nil }
            return Relation(rawValue: relation)?.holds(int, other)
        case .string(let text):
            guard case .string(let other) = constant, relation <= Relation.notEqual.rawValue else { return nil }
            return (text == other) == (relation == Relation.equal.rawValue)
        case .bool(let bool):
            guard case .bool(let other) = constant, relation <= Relation.notEqual.rawValue else { return nil }
            return (bool == other) == (relation == Relation.equal.rawValue)
        default: return nil
        }
    }
}

extension Instruction {
    /// Of a question: it stands behind a '!'. No question has another use for its third operand.
    var isDenied: Bool {
        get { c == 1 }
        set { c = newValue ? 1 : 0 }
    }

    /// Whether `Code.answer` may know the answer.
    var isQuestion: Bool {
        switch operation {
        case .compareSlot, .slotInList, .askSlot, .slot, .hasSlot: true
        default: false
        }
    }
}
