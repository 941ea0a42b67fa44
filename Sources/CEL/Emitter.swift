import JSON

/// Checked nodes to instructions: constants folded, types that are known used, paths made slots.
struct Emitter {
    let checker: Checker
    var table: SlotTable
    var tables = Code.Tables()
    var slots: Set<Int> = []
    var diagnostics: [CompileDiagnostic] = []
    var syntax: Syntax { checker.syntax }

    init(_ checker: Checker, _ table: SlotTable) {
        self.checker = checker
        self.table = table
    }

    mutating func run() -> Int32 { emit(checker.syntax.root) }

    mutating func append(
        _ node: Int, _ operation: Instruction.Operation, detail: UInt8 = 0, a: Int32 = 0, b: Int32 = 0, c: Int32 = 0
    ) -> Int32 {
        let span = syntax[node].span
        tables.instructions.append(Instruction(operation: operation, detail: detail, a: a, b: b, c: c))
        tables.spans.append(UInt32(span.lowerBound)..<UInt32(span.upperBound))
        return Int32(tables.instructions.count - 1)
    }

    mutating func constant(_ node: Int, _ value: Value) -> Int32 {
        tables.constants.append(value)
        return append(node, .constant, a: Int32(tables.constants.count - 1))
    }

    private mutating func key(_ name: Text) -> Int32 {
        tables.constants.append(.text(name))
        return Int32(tables.constants.count - 1)
    }

    /// Operands in a row, after all that they are made of.
    private mutating func row(_ operands: [Int32]) -> Int32 {
        tables.operands += operands
        return Int32(tables.operands.count - operands.count)
    }

    func value(_ instruction: Int32) -> Value? {
        let found = tables.instructions[Int(instruction)]
        return found.operation == .constant ? tables.constants[Int(found.a)] : nil
    }

    /// The instruction, or its value if it is made of constants only and has one.
    mutating func folded(_ node: Int, _ instruction: Int32, _ operands: [Int32]) -> Int32 {
        guard operands.allSatisfy({ value($0) != nil }) else { return instruction }
        var limits = checker.environment.limits
        limits.steps = min(limits.steps, 10_000)
        let code = Code(tables, root: instruction, places: 0, limits: limits)
        var machine = Machine(code)
        guard let value = try? machine.value(instruction, [Value]().span) else { return instruction }
        return constant(node, value)
    }

    mutating func emit(_ node: Int) -> Int32 {
        switch checker.uses[node] {
        case .constant(let value): return constant(node, value)
        case .local(let place): return append(node, .local, a: Int32(place))
        case .failure(let error):
            tables.failures.append(error)
            return append(node, .fail, a: Int32(tables.failures.count - 1))
        case .wrapper(let value, let nought): return value.map { emit($0) } ?? constant(node, nought)
        case .variable(let name): return slot(node, Reference(name), .slot)
        case .function(let function, let arguments): return call(node, function, arguments)
        case .field, .plain: break
        }
        if let reference = reference(node) { return slot(node, reference, .slot) }
        switch syntax[node].kind {
        case .constant(let value): return constant(node, value)
        case .identifier, .call: return append(node, .fail)
        case .select(let operand, let field, let isOptional):
            if isOptional, let parent = pathRoot(operand) {
                return slot(node, Reference(parent.variable, parent.path + [field]), .optionalSlot)
            }
            let from = emit(operand)
            let result = append(node, isOptional ? .optionalSelect : .select, a: from, b: key(field))
            return folded(node, result, [from])
        case .has(let operand, let field):
            if let parent = pathRoot(operand) {
                return slot(node, Reference(parent.variable, parent.path + [field]), .hasSlot)
            }
            let from = emit(operand)
            let result = append(node, .has, a: from, b: key(field))
            return folded(node, result, [from])
        case .index(let operand, let key, let isOptional):
            let (from, at) = (emit(operand), emit(key))
            return folded(node, append(node, isOptional ? .optionalIndex : .index, a: from, b: at), [from, at])
        case .operation(let operation, let a, let b): return binary(node, operation, a, b)
        case .not(let operand):
            let from = emit(operand)
            let question = tables.instructions[Int(from)]
            if question.isQuestion, question.operation != .slot {
                return append(
                    node, question.operation, detail: question.detail, a: question.a, b: question.b,
                    c: question.isDenied ? 0 : 1)
            }
            return folded(node, append(node, .not, a: from), [from])
        case .negate(let operand):
            let from = emit(operand)
            return folded(node, append(node, .negate, a: from), [from])
        case .and(let operands): return logical(node, operands, .and, decides: false)
        case .or(let operands): return logical(node, operands, .or, decides: true)
        case .conditional(let condition, let then, let otherwise):
            let test = emit(condition)
            if case .bool(let isTrue)? = value(test) { return emit(isTrue ? then : otherwise) }
            let (a, b) = (emit(then), emit(otherwise))
            return append(node, .conditional, a: test, b: a, c: b)
        case .list(let elements):
            return literal(node, elements.map(\.node), elements.map(\.isOptional), .list, .optionalList)
        case .map(let entries):
            return literal(
                node, entries.flatMap { [$0.key, $0.value] }, entries.map(\.isOptional), .map, .optionalMap)
        case .message: return append(node, .fail)
        case .comprehension(let loop): return self.loop(node, loop)
        case .bind(_, let value, let body):
            let place = places(node)
            let from = emit(value)
            return append(node, .bind, a: from, b: within(1) { $0.emit(body) }, c: place)
        case .optionalMap(let target, _, let body, let isFlat):
            let place = places(node)
            let from = emit(target)
            return append(
                node, isFlat ? .flatMapOptional : .mapOptional, a: from, b: within(1) { $0.emit(body) }, c: place)
        }
    }

    // MARK: Slots

    private mutating func slot(_ node: Int, _ reference: Reference, _ operation: Instruction.Operation) -> Int32 {
        let number = table.slot(for: reference)
        slots.insert(number)
        return append(node, operation, a: Int32(number))
    }

    /// The path that a node reads, if it is one of constant keys below a variable whose paths have slots.
    private func reference(_ node: Int) -> Reference? {
        switch syntax[node].kind {
        case .select(let operand, let field, isOptional: false):
            return pathRoot(operand).map { Reference($0.variable, $0.path + [field]) }
        case .index(let operand, let key, isOptional: false):
            guard case .constant(.string(let name)) = syntax[key].kind else { return nil }
            return pathRoot(operand).map { Reference($0.variable, $0.path + [name.text]) }
        default: return nil
        }
    }

    /// The node as a path that another key can follow.
    private func pathRoot(_ node: Int) -> Reference? {
        if case .variable(let name) = checker.uses[node] {
            return checker.environment.variables[name]?.hasPaths == true ? Reference(name) : nil
        }
        switch checker.uses[node] {
        case .plain, .field: break
        default: return nil
        }
        // A path ends at an optional: what follows is read of its value.
        if case .optional = checker.types[node] { return nil }
        return reference(node)
    }

    // MARK: Places

    private var depth = 0

    func places(_ node: Int) -> Int32 { Int32(depth) }

    mutating func within<R>(_ count: Int, _ body: (inout Emitter) -> R) -> R {
        depth += count
        defer { depth -= count }
        return body(&self)
    }

    // MARK: Literals and logic

    private mutating func literal(
        _ node: Int, _ parts: [Int], _ optionals: [Bool], _ plain: Instruction.Operation,
        _ withOptionals: Instruction.Operation
    ) -> Int32 {
        var operands: [Int32] = []
        for part in parts { operands.append(emit(part)) }
        let first = row(operands)
        guard optionals.contains(true) else {
            return folded(node, append(node, plain, a: first, b: Int32(operands.count)), operands)
        }
        let flags = Int32(tables.optionals.count)
        tables.optionals += optionals
        return append(node, withOptionals, a: first, b: Int32(operands.count), c: flags)
    }

    private mutating func logical(
        _ node: Int, _ nodes: [Int], _ operation: Instruction.Operation, decides: Bool
    ) -> Int32 {
        var operands: [Int32] = []
        for operand in nodes {
            let instruction = emit(operand)
            if case .bool(let known)? = value(instruction) {
                if known == decides { return constant(node, .bool(decides)) }
            } else {
                operands.append(instruction)
            }
        }
        if operands.isEmpty { return constant(node, .bool(!decides)) }
        // A single operand is still asked whether it is a bool.
        let first = row(operands)
        return append(node, operation, a: first, b: Int32(operands.count))
    }

    private mutating func call(_ node: Int, _ function: Function, _ arguments: [Int]) -> Int32 {
        var operands: [Int32] = []
        for argument in arguments { operands.append(emit(argument)) }
        if let special = special(node, function, operands) { return special }
        guard operands.count <= Arguments.limit else {
            tables.failures.append(.noSuchOverload(function.name))
            return append(node, .fail, a: Int32(tables.failures.count - 1))
        }
        let first = row(operands)
        let number = UInt8(clamping: Function.number(function))
        return folded(
            node, append(node, .call, detail: number, a: first, b: Int32(operands.count)), operands)
    }

    private mutating func loop(_ node: Int, _ loop: Syntax.Comprehension) -> Int32 {
        let place = places(node)
        let range = emit(loop.range)
        let second: Int32? = loop.second == nil ? nil : place + 1
        let (condition, key, body): (Int32?, Int32?, Int32) = within(second == nil ? 1 : 2) { emitter in
            let condition = loop.condition.map { emitter.emit($0) }
            guard loop.kind == .transformMapEntry, case .map(let entries) = emitter.syntax[loop.body].kind,
                let entry = entries.first
            else { return (condition, nil, emitter.emit(loop.body)) }
            return (condition, emitter.emit(entry.key), emitter.emit(entry.value))
        }
        tables.loops.append(
            Code.Loop(
                kind: loop.kind, range: range, variable: place, second: second, condition: condition, key: key,
                body: body))
        return append(node, .loop, a: Int32(tables.loops.count - 1))
    }
}
