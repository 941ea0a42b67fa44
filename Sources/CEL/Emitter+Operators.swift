import JSON

/// Operators and calls that types or constants make faster.
extension Emitter {
    mutating func binary(_ node: Int, _ operation: Syntax.Operation, _ left: Int, _ right: Int) -> Int32 {
        let (a, b) = (emit(left), emit(right))
        if operation == .contained, let set = set(b) {
            return folded(node, append(node, .containedInSet, a: a, b: set), [a])
        }
        if operation == .contained, let fused = membership(node, a, b) { return fused }
        if let fused = comparison(node, operation, a, b) { return fused }
        let types = (checker.types[left], checker.types[right])
        let instruction: Int32
        switch (operation, types.0, types.1) {
        case (.equal, .int, .int), (.notEqual, .int, .int), (.less, .int, .int), (.lessOrEqual, .int, .int),
            (.greater, .int, .int), (.greaterOrEqual, .int, .int):
            instruction = append(node, .compareInts, detail: operation.rawValue, a: a, b: b)
        case (.equal, .string, .string): instruction = append(node, .equalStrings, a: a, b: b)
        case (.notEqual, .string, .string): instruction = append(node, .differentStrings, a: a, b: b)
        case (.add, .int, .int): instruction = append(node, .addInts, a: a, b: b)
        case (.subtract, .int, .int): instruction = append(node, .subtractInts, a: a, b: b)
        case (.multiply, .int, .int): instruction = append(node, .multiplyInts, a: a, b: b)
        default: instruction = append(node, Self.operations[Int(operation.rawValue)], a: a, b: b)
        }
        return folded(node, instruction, [a, b])
    }

    /// A slot with a constant, whichever side it is on.
    private mutating func comparison(_ node: Int, _ operation: Syntax.Operation, _ a: Int32, _ b: Int32) -> Int32? {
        guard let relation = Relation(rawValue: operation.rawValue) else { return nil }
        let (left, right) = (tables.instructions[Int(a)], tables.instructions[Int(b)])
        switch (left.operation, right.operation) {
        case (.slot, .constant): return append(node, .compareSlot, detail: relation.rawValue, a: left.a, b: right.a)
        case (.constant, .slot):
            return append(node, .compareSlot, detail: relation.mirrored.rawValue, a: right.a, b: left.a)
        default: return nil
        }
    }

    private static let operations: [Instruction.Operation] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contained, .add, .subtract, .multiply,
        .divide, .remainder,
    ]

    /// A slot in a constant list of scalars.
    private mutating func membership(_ node: Int, _ element: Int32, _ list: Int32) -> Int32? {
        let (slot, constant) = (tables.instructions[Int(element)], tables.instructions[Int(list)])
        guard slot.operation == .slot, case .list(let elements)? = value(list),
            elements.allSatisfy({ MapValue.Key($0) != nil })
        else { return nil }
        return append(node, .slotInList, a: slot.a, b: constant.a)
    }

    /// A constant list of scalars as a set, where it is long enough to be worth it.
    private mutating func set(_ list: Int32) -> Int32? {
        guard case .list(let elements)? = value(list), elements.count > 8 else { return nil }
        var seen: Set<MapValue.Key> = []
        var keys: [Value] = []
        for element in elements {
            guard let key = MapValue.Key(element) else { return nil }
            if seen.insert(key).inserted { keys.append(element) }
        }
        guard let set = MapValue(keys, keys) else { return nil }
        tables.sets.append(set)
        return Int32(tables.sets.count - 1)
    }

    /// Calls whose constant argument is worked on while loading.
    mutating func special(_ node: Int, _ function: Function, _ operands: [Int32]) -> Int32? {
        guard operands.count == 2 else { return nil }
        switch function {
        case .matches: return pattern(node, operands[0], operands[1])
        case .startsWith: return question(node, .startsWith, operands[0], operands[1])
        case .endsWith: return question(node, .endsWith, operands[0], operands[1])
        case .contains: return question(node, .contains, operands[0], operands[1])
        case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getHours, .getMinutes,
            .getSeconds, .getMilliseconds:
            return zone(node, function, operands[0], operands[1])
        default: return nil
        }
    }

    private mutating func question(_ node: Int, _ question: TextQuestion, _ text: Int32, _ part: Int32) -> Int32? {
        let (slot, constant) = (tables.instructions[Int(text)], tables.instructions[Int(part)])
        guard slot.operation == .slot, case .string? = value(part) else { return nil }
        return append(node, .askSlot, detail: question.rawValue, a: slot.a, b: constant.a)
    }

    private mutating func pattern(_ node: Int, _ text: Int32, _ pattern: Int32) -> Int32? {
        guard case .string(let source)? = value(pattern) else {
            guard checker.environment.patternsAreConstant, value(pattern) == nil else { return nil }
            diagnostics.append(
                CompileDiagnostic(
                    .pattern, "a regular expression must be constant",
                    help: "compare with ==, startsWith, contains or glob", at: syntax[node].span))
            return append(node, .fail)
        }
        do throws(Pattern.Refusal) {
            tables.patterns.append(try Pattern(source, checker.environment.limits))
        } catch {
            guard checker.environment.isUnchecked else {
                diagnostics.append(
                    CompileDiagnostic(
                        .pattern, "this is no regular expression of RE2: \(error.reason)",
                        help: "see github.com/google/re2/wiki/Syntax; a raw string, r'…', keeps backslashes",
                        at: syntax[node].span))
                return append(node, .fail)
            }
            tables.failures.append(EvaluationError(.pattern, Text(error.reason)))
            return append(node, .fail, a: Int32(tables.failures.count - 1))
        }
        return folded(node, append(node, .matchesPattern, a: text, b: Int32(tables.patterns.count - 1)), [text])
    }

    private mutating func zone(_ node: Int, _ function: Function, _ instant: Int32, _ name: Int32) -> Int32? {
        guard case .string(let text)? = value(name) else { return nil }
        guard let zone = TimeZone(named: text, files: checker.environment.zones) else {
            guard checker.environment.isUnchecked else {
                diagnostics.append(
                    CompileDiagnostic(
                        .timeZone, "there is no time zone '\(text.text)'",
                        help: "write a name of the IANA database or an offset: 'Europe/Berlin', '+02:00'",
                        at: syntax[node].span))
                return append(node, .fail)
            }
            tables.failures.append(EvaluationError(.invalidArgument, text.text))
            return append(node, .fail, a: Int32(tables.failures.count - 1))
        }
        tables.zones.append(zone)
        let number = UInt8(clamping: Function.number(function))
        let instruction = append(node, .inZone, detail: number, a: instant, b: Int32(tables.zones.count - 1))
        return folded(node, instruction, [instant])
    }
}

extension Function {
    /// Where the function stands among all.
    static func number(_ function: Function) -> Int { numbers[function] ?? 0 }

    private static let numbers = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// The functions by their number.
    static let numbered = allCases
}
