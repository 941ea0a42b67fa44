import JSON

/// Operations on values of any type.
extension Machine {
    mutating func compound(_ instruction: Instruction, _ slots: Span<Value>) throws(EvaluationError) -> Value {
        switch instruction.operation {
        case .select:
            let operand = try value(instruction.a, slots)
            return try field(code.constants[Int(instruction.b)], of: operand)
        case .optionalSelect:
            let operand = try value(instruction.a, slots)
            return .optional(try optionalMember(code.constants[Int(instruction.b)], of: operand))
        case .has:
            let operand = try value(instruction.a, slots)
            return .bool(try has(code.constants[Int(instruction.b)], operand))
        case .index:
            let operand = try value(instruction.a, slots)
            return try element(try value(instruction.b, slots), of: operand)
        case .optionalIndex:
            let operand = try value(instruction.a, slots)
            return .optional(try optionalMember(try value(instruction.b, slots), of: operand))
        case .negate:
            switch try value(instruction.a, slots) {
            case .int(let int):
                guard int != .min else { throw EvaluationError(.overflow) }
                return .int(-int)
            case .double(let double): return .double(-double)
            default: throw .noSuchOverload("-")
            }
        case .contained:
            let element = try value(instruction.a, slots)
            return .bool(try contains(element, in: try value(instruction.b, slots)))
        case .add, .subtract, .multiply, .divide, .remainder:
            let left = try value(instruction.a, slots)
            return try arithmetic(instruction.operation, left, try value(instruction.b, slots))
        case .inZone:
            let instant = try value(instruction.a, slots)
            guard case .timestamp(let timestamp) = instant else { throw .noSuchOverload("timestamp") }
            return try Calendar.field(
                Function.numbered[Int(instruction.detail)], of: timestamp, in: code.zones[Int(instruction.b)])
        case .call:
            var arguments = Arguments()
            for place in instruction.a..<instruction.a &+ instruction.b {
                arguments.append(try value(code.operands[Int(place)], slots))
            }
            return try call(Function.numbered[Int(instruction.detail)], arguments)
        default: throw EvaluationError(.unboundFunction)
        }
    }

    // MARK: Parts of values

    mutating func field(_ key: Value, of container: Value) throws(EvaluationError) -> Value {
        switch container {
        case .map, .json:
            guard let found = try member(key, of: container) else { throw EvaluationError(.noSuchKey, key.keyText) }
            return found
        case .optional(let optional):
            guard let content = optional.value else { return container }
            return .optional(try optionalMember(key, of: content))
        default: throw .noSuchOverload("select")
        }
    }

    /// What a map has for a key; nil where it has nothing. Everything else has no keys.
    mutating func member(_ key: Value, of container: Value) throws(EvaluationError) -> Value? {
        switch container {
        case .map(let map): return map[key]
        case .json(let tree, let index):
            guard tree.kind(Int(index)) == .object else { throw .noSuchOverload("select") }
            guard case .string(let name) = key else { return nil }
            // Its keys are looked at one after the other.
            try charge(tree.count(Int(index)) >> 2)
            let bytes = name.storage.span.extracting(name.range)
            return tree.member(bytes, of: Int(index)).map { Value(tree, $0) }
        default: throw .noSuchOverload("select")
        }
    }

    mutating func has(_ key: Value, _ container: Value) throws(EvaluationError) -> Bool {
        guard case .optional(let optional) = container else { return try member(key, of: container) != nil }
        guard let content = optional.value else { return false }
        return try member(key, of: content) != nil
    }

    mutating func element(_ key: Value, of container: Value) throws(EvaluationError) -> Value {
        if case .optional(let optional) = container {
            guard let content = optional.value else { return container }
            return .optional(try optionalMember(key, of: content))
        }
        guard container.isList else { return try field(key, of: container) }
        guard let place = MapValue.Key(key), case .int(let index) = place, !key.isBoolOrString else {
            throw EvaluationError(.invalidArgument, "the index of a list is an int")
        }
        try chargeLookup(index, in: container)
        guard let element = container.element(Int(clamping: index)) else { throw EvaluationError(.indexOutOfRange) }
        return element
    }

    /// The member or element, or none; an optional container is looked into.
    mutating func optionalMember(_ key: Value, of container: Value) throws(EvaluationError) -> OptionalValue {
        if case .optional(let optional) = container {
            guard let content = optional.value else { return .nothing }
            return try optionalMember(key, of: content)
        }
        if container.isList {
            guard let place = MapValue.Key(key), case .int(let index) = place, !key.isBoolOrString else {
                throw EvaluationError(.invalidArgument, "the index of a list is an int")
            }
            try chargeLookup(index, in: container)
            return container.element(Int(clamping: index)).map { OptionalValue($0) } ?? .nothing
        }
        return try member(key, of: container).map { OptionalValue($0) } ?? .nothing
    }

    /// Elements of a document are counted off from its first one; the index may be any number that a call carried.
    private mutating func chargeLookup(_ index: Int64, in container: Value) throws(EvaluationError) {
        guard case .json = container else { return }
        try charge(min(max(0, Int(clamping: index)), container.elementCount) >> 2)
    }

    mutating func contains(_ element: Value, in container: Value) throws(EvaluationError) -> Bool {
        guard container.isList else {
            switch container {
            case .map, .json: return try member(element, of: container) != nil
            default: throw .noSuchOverload("in")
            }
        }
        var elements = ValueSequence(container)
        while let next = elements?.next() {
            try charge(1)
            if try isEqual(element, next) { return true }
        }
        return false
    }

    // MARK: Arithmetic

    mutating func arithmetic(
        _ operation: Instruction.Operation, _ a: Value, _ b: Value
    ) throws(EvaluationError) -> Value {
        switch (a, b) {
        case (.int(let a), .int(let b)): return .int(try Self.integers(operation, a, b))
        case (.uint(let a), .uint(let b)): return .uint(try Self.integers(operation, a, b))
        case (.double(let a), .double(let b)):
            switch operation {
            case .add: return .double(a + b)
            case .subtract: return .double(a - b)
            case .multiply: return .double(a * b)
            case .divide: return .double(a / b)
            default: throw .noSuchOverload("%")
            }
        default: break
        }
        switch operation {
        case .add: return try sum(a, b)
        case .subtract: return try Self.difference(a, b)
        case .multiply: throw .noSuchOverload("*")
        case .divide: throw .noSuchOverload("/")
        default: throw .noSuchOverload("%")
        }
    }

    private static func integers<Integer: FixedWidthInteger>(
        _ operation: Instruction.Operation, _ a: Integer, _ b: Integer
    ) throws(EvaluationError) -> Integer {
        let (result, overflow): (Integer, Bool)
        switch operation {
        case .add: (result, overflow) = a.addingReportingOverflow(b)
        case .subtract: (result, overflow) = a.subtractingReportingOverflow(b)
        case .multiply: (result, overflow) = a.multipliedReportingOverflow(by: b)
        case .divide:
            guard b != 0 else { throw EvaluationError(.divisionByZero) }
            (result, overflow) = a.dividedReportingOverflow(by: b)
        default:
            guard b != 0 else { throw EvaluationError(.divisionByZero, "modulus by zero") }
            (result, overflow) = a.remainderReportingOverflow(dividingBy: b)
        }
        guard !overflow else { throw EvaluationError(.overflow) }
        return result
    }

    private mutating func sum(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
        switch (a, b) {
        case (.string(let a), .string(let b)):
            try charge(a.count + b.count)
            return .string(ByteString(Array(a.slice) + b.slice))
        case (.bytes(let a), .bytes(let b)):
            try charge(a.count + b.count)
            return .bytes(ByteString(Array(a.slice) + b.slice))
        case (.timestamp(let instant), .duration(let duration)), (.duration(let duration), .timestamp(let instant)):
            guard let later = instant.adding(nanoseconds: duration) else {
                throw EvaluationError(.outOfRange, "timestamp")
            }
            return .timestamp(later)
        case (.duration(let a), .duration(let b)):
            let (sum, overflow) = a.addingReportingOverflow(b)
            guard !overflow else { throw EvaluationError(.outOfRange, "duration") }
            return .duration(sum)
        case (.opaque(let a), .opaque(let b)):
            guard case .decimal(let x) = a.content, case .decimal(let y) = b.content else { throw .noSuchOverload("+") }
            guard let sum = x.adding(y) else { throw EvaluationError(.overflow) }
            return .opaque(Opaque(.decimal(sum)))
        default: break
        }
        guard a.isList, b.isList, let first = ValueSequence(a), let second = ValueSequence(b) else {
            throw .noSuchOverload("+")
        }
        try charge(a.elementCount + b.elementCount)
        return .list(Array(first) + Array(second))
    }

    private static func difference(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
        switch (a, b) {
        case (.timestamp(let a), .timestamp(let b)):
            guard let duration = a.since(b) else { throw EvaluationError(.outOfRange, "duration") }
            return .duration(duration)
        case (.timestamp(let instant), .duration(let duration)):
            guard duration != .min, let earlier = instant.adding(nanoseconds: -duration) else {
                throw EvaluationError(.outOfRange, "timestamp")
            }
            return .timestamp(earlier)
        case (.duration(let a), .duration(let b)):
            let (difference, overflow) = a.subtractingReportingOverflow(b)
            guard !overflow else { throw EvaluationError(.outOfRange, "duration") }
            return .duration(difference)
        case (.opaque(let a), .opaque(let b)):
            guard case .decimal(let x) = a.content, case .decimal(let y) = b.content else { throw .noSuchOverload("-") }
            guard let difference = x.adding(y.negated) else { throw EvaluationError(.overflow) }
            return .opaque(Opaque(.decimal(difference)))
        default: throw .noSuchOverload("-")
        }
    }
}
