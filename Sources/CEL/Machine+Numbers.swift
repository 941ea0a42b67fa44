import JSON

/// The functions of `math`.
extension Machine {
    mutating func extreme(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        let relation: Relation = function == .greatest ? .greater : .less
        if arguments.count == 1 {
            if Self.isNumber(arguments.a) { return arguments.a }
            guard arguments.a.isList else { throw .noSuchOverload(function.name) }
            var elements = ValueSequence(arguments.a)
            var best: Value?
            while let element = elements?.next() {
                try charge(1)
                guard Self.isNumber(element) else { throw .noSuchOverload(function.name) }
                if let known = best, Self.order(relation, element, known) != true { continue }
                best = element
            }
            guard let best else { throw EvaluationError(.invalidArgument, "an empty list has no extreme") }
            return best
        }
        guard arguments.count == 2, Self.isNumber(arguments.a), Self.isNumber(arguments.b) else {
            throw .noSuchOverload(function.name)
        }
        return Self.order(relation, arguments.b, arguments.a) == true ? arguments.b : arguments.a
    }

    private static func isNumber(_ value: Value) -> Bool {
        switch value {
        case .int, .uint, .double: true
        default: false
        }
    }

    static func number(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        switch (arguments.a, arguments.b, arguments.count) {
        case (.double(let double), _, 1): return try of(double, function)
        case (.int(let int), _, 1): return try of(int, function)
        case (.uint(let uint), _, 1): return try of(uint, function)
        case (.int(let a), .int(let b), 2):
            switch function {
            case .bitAnd: return .int(a & b)
            case .bitOr: return .int(a | b)
            case .bitXor: return .int(a ^ b)
            case .bitShiftLeft: return .int(Int64(bitPattern: try shifted(UInt64(bitPattern: a), by: b)))
            // The sign is a bit like any other: what comes in on the left is nought.
            case .bitShiftRight: return .int(Int64(bitPattern: try shifted(UInt64(bitPattern: a), by: b, right: true)))
            default: break
            }
        case (.uint(let a), .uint(let b), 2):
            switch function {
            case .bitAnd: return .uint(a & b)
            case .bitOr: return .uint(a | b)
            case .bitXor: return .uint(a ^ b)
            default: break
            }
        case (.uint(let a), .int(let b), 2):
            switch function {
            case .bitShiftLeft: return .uint(try shifted(a, by: b))
            case .bitShiftRight: return .uint(try shifted(a, by: b, right: true))
            default: break
            }
        default: break
        }
        throw .noSuchOverload(function.name)
    }

    private static func shifted(
        _ bits: UInt64, by count: Int64, right: Bool = false
    ) throws(EvaluationError) -> UInt64 {
        guard count >= 0 else { throw EvaluationError(.invalidArgument, "a negative shift") }
        guard count < 64 else { return 0 }
        return right ? bits >> UInt64(count) : bits << UInt64(count)
    }

    private static func of(_ double: Double, _ function: Function) throws(EvaluationError) -> Value {
        switch function {
        case .ceil: .double(double.rounded(.up))
        case .floor: .double(double.rounded(.down))
        case .round: .double(double.rounded(.toNearestOrAwayFromZero))
        case .trunc: .double(double.rounded(.towardZero))
        case .abs: .double(double.magnitude)
        case .sign: .double(double.isNaN ? .nan : double > 0 ? 1 : double < 0 ? -1 : 0)
        case .sqrt: .double(double.squareRoot())
        case .isNaN: .bool(double.isNaN)
        case .isInf: .bool(double.isInfinite)
        case .isFinite: .bool(double.isFinite)
        default: throw .noSuchOverload(function.name)
        }
    }

    private static func of(_ int: Int64, _ function: Function) throws(EvaluationError) -> Value {
        switch function {
        case .abs:
            guard int != .min else { throw EvaluationError(.overflow) }
            return .int(abs(int))
        case .sign: return .int(int.signum())
        case .sqrt: return .double(Double(int).squareRoot())
        case .bitNot: return .int(~int)
        default: throw .noSuchOverload(function.name)
        }
    }

    private static func of(_ uint: UInt64, _ function: Function) throws(EvaluationError) -> Value {
        switch function {
        case .abs: .uint(uint)
        case .sign: .uint(uint == 0 ? 0 : 1)
        case .sqrt: .double(Double(uint).squareRoot())
        case .bitNot: .uint(~uint)
        default: throw .noSuchOverload(function.name)
        }
    }
}
