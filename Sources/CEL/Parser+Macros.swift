import JSON

/// Macros look like calls and mean something else: their variables are names, not values.
extension Parser {
    mutating func call(
        _ name: Text, target: Int?, _ arguments: [Int], from start: Int
    ) throws(CompileDiagnostic) -> Int {
        if let expanded = try macro(name, target, arguments, from: start) { return expanded }
        return try node(.call(name, target: target, arguments), from: start)
    }

    private mutating func macro(
        _ name: Text, _ target: Int?, _ arguments: [Int], from start: Int
    ) throws(CompileDiagnostic) -> Int? {
        guard let target else { return try name == "has" ? has(arguments, from: start) : nil }
        if case .identifier("cel", _) = syntax[target].kind, name == "bind", arguments.count == 3 {
            return try node(.bind(try variable(arguments[0]), arguments[1], arguments[2]), from: start)
        }
        if case .identifier("math", _) = syntax[target].kind, name == "greatest" || name == "least" {
            return try extreme(name, target, arguments, from: start)
        }
        if arguments.count == 2, name == "optMap" || name == "optFlatMap" {
            let variable = try variable(arguments[0])
            return try node(
                .optionalMap(target, variable, arguments[1], isFlat: name == "optFlatMap"), from: start)
        }
        guard let (kind, hasSecond, hasCondition) = Self.comprehension(name, arguments.count) else { return nil }
        let variable = try variable(arguments[0])
        let second = hasSecond ? try self.variable(arguments[1]) : nil
        if second == variable {
            throw CompileDiagnostic(
                .macro, "both variables of the macro have the same name", at: syntax[arguments[1]].span)
        }
        let body = arguments[arguments.count - 1]
        if kind == .transformMapEntry {
            guard case .map(let entries) = syntax[body].kind, entries.count == 1, !entries[0].isOptional else {
                throw CompileDiagnostic(
                    .macro, "\(name) makes one entry of each element", help: "write {key: value}",
                    at: syntax[body].span)
            }
        }
        let loop = Syntax.Comprehension(
            kind: kind, range: target, variable: variable, second: second,
            condition: hasCondition ? arguments[arguments.count - 2] : nil, body: body)
        return try node(.comprehension(loop), from: start)
    }

    private static func comprehension(
        _ name: Text, _ count: Int
    ) -> (Syntax.Comprehension.Kind, hasSecond: Bool, hasCondition: Bool)? {
        switch (name, count) {
        case ("all", 2): (.all, false, false)
        case ("all", 3): (.all, true, false)
        case ("exists", 2): (.exists, false, false)
        case ("exists", 3): (.exists, true, false)
        case ("exists_one", 2), ("existsOne", 2): (.existsOne, false, false)
        case ("exists_one", 3), ("existsOne", 3): (.existsOne, true, false)
        case ("map", 2): (.map, false, false)
        case ("map", 3): (.map, false, true)
        case ("filter", 2): (.filter, false, false)
        case ("transformList", 3): (.map, true, false)
        case ("transformList", 4): (.map, true, true)
        case ("transformMap", 3): (.transformMap, true, false)
        case ("transformMap", 4): (.transformMap, true, true)
        case ("transformMapEntry", 3): (.transformMapEntry, true, false)
        case ("transformMapEntry", 4): (.transformMapEntry, true, true)
        case ("sortBy", 2): (.sortBy, false, false)
        default: nil
        }
    }

    private func variable(_ index: Int) throws(CompileDiagnostic) -> Text {
        guard case .identifier(let name, isAbsolute: false) = syntax[index].kind else {
            throw CompileDiagnostic(
                .macro, "the macro needs a name for its variable here", help: "for example: list.all(x, x > 0)",
                at: syntax[index].span)
        }
        return name
    }

    private mutating func has(_ arguments: [Int], from start: Int) throws(CompileDiagnostic) -> Int? {
        guard arguments.count == 1 else { return nil }
        guard case .select(let operand, let field, isOptional: false) = syntax[arguments[0]].kind else {
            throw CompileDiagnostic(
                .macro, "has() asks for a field", help: "for example: has(body.amount)", at: syntax[arguments[0]].span)
        }
        return try node(.has(operand, field), from: start)
    }

    /// Any number of arguments: more than two are a list.
    private mutating func extreme(
        _ name: Text, _ target: Int, _ arguments: [Int], from start: Int
    ) throws(CompileDiagnostic) -> Int {
        switch arguments.count {
        case 0:
            throw CompileDiagnostic(
                .macro, "math.\(name) needs at least one argument", at: syntax[target].span)
        case 1, 2: return try node(.call(name, target: target, arguments), from: start)
        default:
            let list = try node(
                .list(arguments.map { Syntax.Element(node: $0, isOptional: false) }),
                from: syntax[arguments[0]].span.lowerBound)
            return try node(.call(name, target: target, [list]), from: start)
        }
    }
}
