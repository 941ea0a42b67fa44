import JSON

/// Types that are not known yet, and what has been found out about them.
struct Unifier {
    private var bindings: [ValueType?] = []

    mutating func fresh() -> ValueType {
        bindings.append(nil)
        return .variable(bindings.count - 1)
    }

    /// The type with everything filled in that is known.
    func resolved(_ type: ValueType) -> ValueType {
        switch type {
        case .variable(let number): bindings[number].map(resolved) ?? type
        case .list(let element): .list(resolved(element))
        case .map(let key, let value): .map(resolved(key), resolved(value))
        case .optional(let value): .optional(resolved(value))
        case .opaque(let name, let parameters): .opaque(name, parameters.map(resolved))
        default: type
        }
    }

    /// The same with `dyn` for what nothing is known of.
    func final(_ type: ValueType) -> ValueType {
        switch resolved(type) {
        case .variable: .dyn
        case .list(let element): .list(final(element))
        case .map(let key, let value): .map(final(key), final(value))
        case .optional(let value): .optional(final(value))
        case .opaque(let name, let parameters): .opaque(name, parameters.map(final))
        case let other: other
        }
    }

    /// The outermost part of a type.
    func head(_ type: ValueType) -> ValueType {
        var type = type
        while case .variable(let number) = type, let bound = bindings[number] { type = bound }
        return type
    }

    /// Type parameters of a signature become new variables, the same name the same one.
    mutating func instance(_ overload: Overload) -> (parameters: [ValueType], result: ValueType) {
        var names: [Text: ValueType] = [:]
        let parameters = overload.parameters.map { instance($0, &names) }
        return (parameters, instance(overload.result, &names))
    }

    private mutating func instance(_ type: ValueType, _ names: inout [Text: ValueType]) -> ValueType {
        switch type {
        case .parameter(let name):
            if let known = names[name] { return known }
            let new = fresh()
            names[name] = new
            return new
        case .list(let element): return .list(instance(element, &names))
        case .map(let key, let value): return .map(instance(key, &names), instance(value, &names))
        case .optional(let value): return .optional(instance(value, &names))
        case .opaque(let name, let parameters):
            var instances: [ValueType] = []
            for parameter in parameters { instances.append(instance(parameter, &names)) }
            return .opaque(name, instances)
        default: return type
        }
    }

    /// Whether a value of one type can stand where the other is asked for, learning what must be so for that.
    mutating func assign(_ from: ValueType, to: ValueType) -> Bool {
        if case .variable(let number) = to {
            if bind(from, to: number) { return true }
            if bindings[number] != nil { return false }
        }
        if case .variable(let number) = from { return bind(to, to: number) }
        switch (from, to) {
        case (.dyn, _), (_, .dyn): return true
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): return assign(a, to: b)
        case (.map(let a, let c), .map(let b, let d)): return assign(a, to: b) && assign(c, to: d)
        // A record is a map from strings, to whoever asks for one.
        case (.record(let a, _), .record(let b, _)): return a == b
        case (.record, .map(let key, let value)), (.map(let key, let value), .record):
            return assign(.string, to: key) && assign(.dyn, to: value)
        case (.opaque(let a, let c), .opaque(let b, let d)):
            guard a == b, c.count == d.count else { return false }
            for (x, y) in zip(c, d) {
                guard assign(x, to: y) else { return false }
            }
            return true
        case (.null, .timestamp), (.null, .duration), (.null, .opaque), (.null, .optional), (.null, .record),
            (.timestamp, .null), (.duration, .null), (.opaque, .null), (.optional, .null), (.record, .null):
            return true
        default: return from == to
        }
    }

    private mutating func bind(_ type: ValueType, to number: Int) -> Bool {
        if case .variable(number) = type { return true }
        if let bound = bindings[number] {
            if type == bound { return true }
            guard assign(type, to: bound) else { return false }
            let general = mostGeneral(type, bound)
            if !occurs(number, in: general) { bindings[number] = general }
            return true
        }
        guard !occurs(number, in: type) else { return false }
        bindings[number] = type
        return true
    }

    private func occurs(_ number: Int, in type: ValueType) -> Bool {
        switch type {
        case .variable(let other): other == number || bindings[other].map { occurs(number, in: $0) } ?? false
        case .list(let element), .optional(let element): occurs(number, in: element)
        case .map(let key, let value): occurs(number, in: key) || occurs(number, in: value)
        case .opaque(_, let parameters): parameters.contains { occurs(number, in: $0) }
        default: false
        }
    }

    func mostGeneral(_ a: ValueType, _ b: ValueType) -> ValueType { isAsGeneral(a, b) ? a : b }

    private func isAsGeneral(_ a: ValueType, _ b: ValueType) -> Bool {
        switch (a, b) {
        case (.dyn, _), (.variable, _): true
        case (_, .dyn), (_, .variable): false
        case (.list(let x), .list(let y)), (.optional(let x), .optional(let y)): isAsGeneral(x, y)
        case (.map(let k, let x), .map(let l, let y)): isAsGeneral(k, l) && isAsGeneral(x, y)
        case (.opaque(let n, let x), .opaque(let m, let y)):
            n == m && x.count == y.count && zip(x, y).allSatisfy { isAsGeneral($0, $1) }
        case (.null, _): false
        case (_, .null): true
        default: a == b
        }
    }

    /// What holds both, for the elements of a literal: `dyn` where they have nothing in common.
    mutating func join(_ a: ValueType, _ b: ValueType) -> ValueType {
        var trial = self
        guard trial.assign(b, to: a) else { return .dyn }
        self = trial
        return mostGeneral(a, b)
    }
}
