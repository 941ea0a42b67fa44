import JSON

/// Which function a call means, and what macros make of their variables.
extension Checker {
    mutating func call(_ node: Int, _ name: Text, _ target: Int?, _ arguments: [Int]) -> ValueType {
        // `math.abs(x)` is a function of a namespace, unless `math` is a variable of a macro.
        if let target, let (start, _) = syntax.firstName(target),
            !environment.container.isEmpty || environment.namespaces.contains(start),
            let (prefix, first, isAbsolute) = syntax.qualifiedName(target),
            isAbsolute || !scope.contains(where: { $0.name == first })
        {
            let qualified = Text("\(prefix).\(name)")
            for candidate in candidates(qualified, isAbsolute: isAbsolute) {
                if let overloads = overloads(candidate), overloads.contains(where: { !$0.isMember }) {
                    return resolve(node, candidate, overloads, arguments, isMember: false)
                }
            }
        }
        if let target {
            guard let overloads = overloads(name) else { return unknown(node, name, [target] + arguments) }
            return resolve(node, name, overloads, [target] + arguments, isMember: true)
        }
        let isAbsolute = name.hasPrefix(".")
        let plain = isAbsolute ? Text(String(decoding: name.utf8.dropFirst(), as: UTF8.self)) : name
        for candidate in candidates(plain, isAbsolute: isAbsolute) {
            if let overloads = overloads(candidate) {
                return resolve(node, candidate, overloads, arguments, isMember: false)
            }
        }
        return unknown(node, plain, arguments)
    }

    private func overloads(_ name: Text) -> [Overload]? {
        guard let declared = environment.declarations[name] else { return Library.overloads[name] }
        return (Library.overloads[name] ?? []) + declared
    }

    private mutating func unknown(_ node: Int, _ name: Text, _ arguments: [Int]) -> ValueType {
        for argument in arguments { _ = check(argument) }
        fail(
            .undeclaredFunction, "there is no function '\(name)'",
            help: nearest(to: name.string, in: Library.overloads.keys.map(\.string)).map { "did you mean '\($0)'?" },
            node, EvaluationError(.unboundFunction, name))
        return .dyn
    }

    /// Checks the arguments and finds the overloads that take them; their results, if they agree, are the type.
    mutating func resolve(
        _ node: Int, _ name: Text, _ overloads: [Overload], _ arguments: [Int], isMember: Bool,
        first: ValueType? = nil
    ) -> ValueType {
        var found: [ValueType] = []
        for (place, argument) in arguments.enumerated() {
            found.append(place == 0 && first != nil ? first ?? .dyn : check(argument))
        }
        if case .call = syntax[node].kind {
            uses[node] =
                Function(rawValue: name.string).map { .function($0, arguments: arguments) }
                ?? .failure(EvaluationError(.unboundFunction, name))
        }
        let isGround = found.allSatisfy(\.isScalar)
        // What comparisons take needs no unifying where both types are known.
        if isGround, found.count == 2, case .operation(let operation, _, _) = syntax[node].kind,
            operation.compares(found[0], found[1])
        {
            return .bool
        }
        var result: ValueType?
        for overload in overloads where overload.isMember == isMember && overload.parameters.count == arguments.count {
            // Nothing is learnt where nothing is unknown.
            if isGround, !overload.isGeneric {
                guard zip(overload.parameters, found).allSatisfy({ $0 == $1 || $1.isDyn }) else { continue }
                if let known = result, known != overload.result { result = .dyn } else { result = overload.result }
                continue
            }
            var trial = unifier
            let (parameters, type) = trial.instance(overload)
            var matches = true
            for (parameter, argument) in zip(parameters, found) where matches {
                matches = trial.assign(argument, to: parameter)
            }
            guard matches else { continue }
            unifier = trial
            if let known = result, unifier.resolved(known) != unifier.resolved(type) {
                result = .dyn
            } else {
                result = type
            }
        }
        if let result { return result }
        guard !environment.isUnchecked else { return .dyn }
        let types = found.map { unifier.final($0) }
        report(
            .noMatchingOverload, Self.sentence(name, types, isMember: isMember),
            help: Self.help(name, types, overloads, isMember), node)
        return .dyn
    }

    private static func sentence(_ name: Text, _ types: [ValueType], isMember: Bool) -> String {
        if let first = name.utf8.first, !first.isIdentifierStart {
            return types.count == 2 && name != "[]"
                ? "'\(name)' does not work between \(types[0]) and \(types[1])"
                : "'\(name)' does not work with \(types.map(\.description).joined(separator: ", "))"
        }
        let list = types.dropFirst(isMember ? 1 : 0).map(\.description).joined(separator: ", ")
        return "'\(name)' cannot be called with (\(list))" + (isMember ? " on \(types[0])" : "")
    }

    private static func help(
        _ name: Text, _ types: [ValueType], _ overloads: [Overload], _ isMember: Bool
    ) -> String? {
        if types.count == 2, types.contains(.string), let other = types.first(where: { $0 != .string }),
            [.int, .uint, .double].contains(other)
        {
            return "convert the text first, for example: int(…)"
        }
        if types.count == 2, types.allSatisfy({ [.int, .uint, .double].contains($0) }) {
            return "convert one of them: int(…), uint(…) or double(…)"
        }
        if case .optional? = types.first { return "say what it is where there is none: ….orValue(…)" }
        guard let first = name.utf8.first, first.isIdentifierStart else { return nil }
        let ways = overloads.prefix(4).map { way in
            let parameters = way.parameters.dropFirst(way.isMember ? 1 : 0).map(\.description).joined(separator: ", ")
            return (way.isMember ? "\(way.parameters[0])." : "") + "\(name)(\(parameters))"
        }
        return "it is called so: \(ways.joined(separator: "; "))"
    }

    // MARK: Macros

    mutating func comprehension(_ node: Int, _ loop: Syntax.Comprehension) -> ValueType {
        let range = check(loop.range)
        var (key, value): (ValueType, ValueType) = (.dyn, .dyn)
        var isMap = false
        switch unifier.head(range) {
        case .list(let element): (key, value) = (.int, element)
        case .map(let keyType, let valueType):
            (key, value) = (keyType, valueType)
            isMap = true
        case .record:
            key = .string
            isMap = true
        case .dyn: break
        case .variable: _ = unifier.assign(.dyn, to: range)
        case let other:
            if !environment.isUnchecked {
                report(
                    .noMatchingOverload, "a macro goes through a list or a map, this is \(unifier.final(other))",
                    loop.range)
            }
        }
        let variables =
            loop.second.map { [(loop.variable, key), ($0, value)] } ?? [(loop.variable, isMap ? key : value)]
        return within(variables) { $0.body(of: loop, key: key) }
    }

    private mutating func body(of loop: Syntax.Comprehension, key: ValueType) -> ValueType {
        if let condition = loop.condition { expect(.bool, condition, "the condition of a macro is a bool") }
        switch loop.kind {
        case .all, .exists, .existsOne:
            expect(.bool, loop.body, "the condition of a macro is a bool")
            return .bool
        case .filter:
            expect(.bool, loop.body, "the condition of a macro is a bool")
            return .list(scope[scope.count - 1].type)
        case .map: return .list(check(loop.body))
        case .transformMap: return .map(key, check(loop.body))
        case .transformMapEntry: return check(loop.body)
        case .sortBy:
            _ = check(loop.body)
            return .list(scope[scope.count - 1].type)
        }
    }
}
