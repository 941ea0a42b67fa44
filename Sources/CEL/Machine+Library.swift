import JSON

/// Times, optional values and lists.
extension Machine {
    mutating func time(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        switch (function, arguments.a, arguments.count) {
        case (.timestamp, .timestamp, 1), (.duration, .duration, 1): return arguments.a
        case (.timestamp, .int(let seconds), 1):
            guard let instant = Instant(seconds: seconds) else { throw EvaluationError(.outOfRange, "timestamp") }
            return .timestamp(instant)
        case (.timestamp, .string(let text), 1):
            guard let instant = Instant(text) else { throw EvaluationError(.outOfRange, "timestamp") }
            return .timestamp(instant)
        case (.duration, .int(let seconds), 1):
            let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            guard !overflow else { throw EvaluationError(.outOfRange, "duration") }
            return .duration(nanoseconds)
        case (.duration, .string(let text), 1):
            do throws(DurationText.Refusal) {
                return .duration(try DurationText.read(text))
            } catch {
                throw EvaluationError(error == .outOfRange ? .outOfRange : .conversion, "duration")
            }
        case (_, .timestamp(let instant), 1): return try Calendar.field(function, of: instant, in: .utc)
        case (_, .timestamp(let instant), 2):
            guard case .string(let name) = arguments.b else { break }
            // Reading a file is nothing that evaluating does: names that are not constant are offsets.
            guard let zone = TimeZone(named: name, files: { _ in nil }) else {
                throw EvaluationError(.invalidArgument, "the name of a time zone must be constant")
            }
            return try Calendar.field(function, of: instant, in: zone)
        case (.getHours, .duration(let nanoseconds), 1): return .int(nanoseconds / 3_600_000_000_000)
        case (.getMinutes, .duration(let nanoseconds), 1): return .int(nanoseconds / 60_000_000_000)
        case (.getSeconds, .duration(let nanoseconds), 1): return .int(nanoseconds / 1_000_000_000)
        case (.getMilliseconds, .duration(let nanoseconds), 1): return .int(nanoseconds / 1_000_000 % 1_000)
        default: break
        }
        throw .noSuchOverload(function.name)
    }

    static func optional(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        switch (function, arguments.a, arguments.b, arguments.count) {
        case (.optionalNone, _, _, 0): return .optional(.nothing)
        case (.optionalOf, let value, _, 1): return .optional(OptionalValue(value))
        case (.optionalOfNonZeroValue, let value, _, 1):
            return .optional(value.isZero ? .nothing : OptionalValue(value))
        case (.hasValue, .optional(let optional), _, 1): return .bool(optional.value != nil)
        case (.value, .optional(let optional), _, 1):
            guard let value = optional.value else { throw EvaluationError(.noneDereferenced) }
            return value
        case (.or, .optional(let optional), .optional, 2): return optional.value == nil ? arguments.b : arguments.a
        case (.orValue, .optional(let optional), let other, 2): return optional.value ?? other
        default: throw .noSuchOverload(function.name)
        }
    }

    mutating func list(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        if function == .range {
            guard case .int(let count) = arguments.a, arguments.count == 1 else { throw .noSuchOverload(function.name) }
            try charge(Int(clamping: max(0, count)))
            return .list((0..<max(0, count)).map { .int($0) })
        }
        guard arguments.a.isList, let sequence = ValueSequence(arguments.a) else {
            throw .noSuchOverload(function.name)
        }
        try charge(arguments.a.elementCount)
        switch (function, arguments.b, arguments.c, arguments.count) {
        case (.first, _, _, 1): return .optional(arguments.a.element(0).map { OptionalValue($0) } ?? .nothing)
        case (.last, _, _, 1):
            let last = arguments.a.element(arguments.a.elementCount - 1)
            return .optional(last.map { OptionalValue($0) } ?? .nothing)
        case (.reverse, _, _, 1): return .list(Array(sequence).reversed())
        case (.slice, .int(let start), .int(let end), 3):
            guard start >= 0, start <= end, end <= arguments.a.elementCount else {
                throw EvaluationError(.indexOutOfRange, "slice")
            }
            return .list(Array(Array(sequence)[Int(start)..<Int(end)]))
        case (.distinct, _, _, 1):
            var kept: [Value] = []
            for element in sequence where try !isAmong(kept, element) { kept.append(element) }
            return .list(kept)
        case (.flatten, _, _, 1): return .list(try flattened(Array(sequence), 1))
        case (.flatten, .int(let depth), _, 2):
            guard depth >= 0 else { throw EvaluationError(.invalidArgument, "a negative depth") }
            return .list(try flattened(Array(sequence), depth))
        case (.sort, _, _, 1): return .list(try sort(sequence.map { ($0, $0) }))
        case (.optionalUnwrap, _, _, 1), (.unwrapOpt, _, _, 1):
            var values: [Value] = []
            for element in sequence {
                guard case .optional(let optional) = element else { throw .noSuchOverload(function.name) }
                if let value = optional.value { values.append(value) }
            }
            return .list(values)
        case (.setsContains, let other, _, 2) where other.isList:
            return .bool(try isSubset(other, of: arguments.a))
        case (.setsEquivalent, let other, _, 2) where other.isList:
            guard try isSubset(other, of: arguments.a) else { return .bool(false) }
            return .bool(try isSubset(arguments.a, of: other))
        case (.setsIntersects, let other, _, 2) where other.isList:
            for element in sequence where try contains(element, in: other) { return .bool(true) }
            return .bool(false)
        default: throw .noSuchOverload(function.name)
        }
    }

    private mutating func isAmong(_ kept: [Value], _ element: Value) throws(EvaluationError) -> Bool {
        for other in kept {
            try charge(1)
            if try isEqual(element, other) { return true }
        }
        return false
    }

    private mutating func isSubset(_ part: Value, of whole: Value) throws(EvaluationError) -> Bool {
        var elements = ValueSequence(part)
        while let element = elements?.next() {
            guard try contains(element, in: whole) else { return false }
        }
        return true
    }

    private mutating func flattened(_ elements: [Value], _ depth: Int64) throws(EvaluationError) -> [Value] {
        var result: [Value] = []
        for element in elements {
            try charge(1)
            if depth > 0, element.isList, let inner = ValueSequence(element) {
                result += try flattened(Array(inner), depth - 1)
            } else {
                result.append(element)
            }
        }
        return result
    }
}

extension Value {
    /// What a value is that nobody set.
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let bool): !bool
        case .int(let int): int == 0
        case .uint(let uint): uint == 0
        case .double(let double): double == 0
        case .string(let text), .bytes(let text): text.isEmpty
        case .list, .map, .json: elementCount == 0
        case .duration(let nanoseconds): nanoseconds == 0
        case .timestamp(let instant): instant.seconds == 0 && instant.nanoseconds == 0
        case .optional(let optional): optional.value == nil
        case .type, .opaque, .absent: false
        }
    }
}
