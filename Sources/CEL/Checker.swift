import JSON

/// Gives every node a type and every name a meaning, and finds what cannot be.
struct Checker {
    /// What a node turned out to be.
    enum Use {
        case plain
        case variable(Text)
        case local(Int)
        case constant(Value)
        /// A field of a record that is read by its name.
        case field(Int, Text)
        case function(Function, arguments: [Int])
        /// A message of a type that is only a scalar in a wrapper: its value, or nought where it has none.
        case wrapper(Int?, nought: Value)
        /// An error, if it is ever evaluated.
        case failure(EvaluationError)
    }

    let environment: Environment
    let syntax: Syntax
    var types: [ValueType]
    var uses: [Use]
    var unifier = Unifier()
    var diagnostics: [CompileDiagnostic] = []
    /// Variables of macros around the node, innermost last.
    var scope: [(name: Text, type: ValueType, place: Int)] = []
    /// Places that they need at once.
    var places = 0

    init(_ syntax: Syntax, _ environment: Environment) {
        self.syntax = syntax
        self.environment = environment
        types = Array(repeating: .dyn, count: syntax.nodes.count)
        uses = Array(repeating: .plain, count: syntax.nodes.count)
    }

    mutating func run(expecting expected: ValueType?) {
        let type = check(syntax.root)
        for index in types.indices { types[index] = unifier.final(types[index]) }
        guard let expected, diagnostics.isEmpty, !unifier.assign(type, to: expected) else { return }
        let help: String? =
            switch (expected, types[syntax.root]) {
            case (.bool, .int), (.bool, .uint), (.bool, .double): "compare it, for example: … > 1000"
            case (.bool, .string): "compare it, for example: … == 'text'"
            case (.bool, .optional): "say what it is where there is none: ….orValue(false)"
            case (.bool, .list), (.bool, .map): "ask how many there are: size(…) > 0"
            default: nil
            }
        report(.wrongResult, "the result must be \(expected), this is \(types[syntax.root])", help: help, syntax.root)
    }

    /// Diagnostics of one expression; looking for what was meant takes time.
    private static let reported = 20

    mutating func report(
        _ code: CompileDiagnostic.Code, _ message: String, help: @autoclosure () -> String? = nil, _ node: Int
    ) {
        guard diagnostics.count < Self.reported else { return }
        diagnostics.append(CompileDiagnostic(code, message, help: help(), at: syntax[node].span))
    }

    /// What is wrong here: a diagnostic, or an error when it is evaluated where nobody checks.
    mutating func fail(
        _ code: CompileDiagnostic.Code, _ message: String, help: @autoclosure () -> String? = nil, _ node: Int,
        _ error: EvaluationError
    ) {
        if environment.isUnchecked {
            uses[node] = .failure(error)
        } else {
            report(code, message, help: help(), node)
        }
    }

    mutating func check(_ node: Int) -> ValueType {
        let type = found(node)
        types[node] = type
        return type
    }

    private mutating func found(_ node: Int) -> ValueType {
        switch syntax[node].kind {
        case .constant(let value): return value.staticType
        case .identifier, .select(_, _, isOptional: false):
            if let type = name(node) { return type }
            guard case .select(let operand, let field, _) = syntax[node].kind else { return undeclared(node) }
            return select(node, operand, field)
        case .select(let operand, let field, isOptional: true):
            let type = self.field(field, of: check(operand), node)
            guard case .optional = unifier.head(type) else { return .optional(type) }
            return type
        case .has(let operand, let field):
            _ = self.field(field, of: check(operand), node)
            return .bool
        case .index(let operand, let key, let isOptional): return index(node, operand, key, isOptional)
        case .call(let name, let target, let arguments): return call(node, name, target, arguments)
        case .operation(let operation, let a, let b):
            return resolve(node, Text(operation.symbol), Library.operators(operation), [a, b], isMember: true)
        case .not(let operand):
            return resolve(node, "!", [Overload([.bool], .bool, isMember: true)], [operand], isMember: true)
        case .negate(let operand): return resolve(node, "-", Library.negation, [operand], isMember: true)
        case .and(let operands), .or(let operands):
            for operand in operands { expect(.bool, operand, "an operand of && and || is a bool") }
            return .bool
        case .conditional(let condition, let then, let otherwise):
            expect(.bool, condition, "what stands before '?' is a bool")
            let (a, b) = (check(then), check(otherwise))
            var trial = unifier
            if trial.assign(b, to: a) {
                unifier = trial
                return unifier.mostGeneral(a, b)
            }
            if !environment.isUnchecked {
                report(
                    .noMatchingOverload,
                    "the two results have different types: \(unifier.final(a)) and \(unifier.final(b))",
                    help: "dyn(…) around one of them says that this is meant", node)
            }
            return .dyn
        case .list(let elements): return list(elements)
        case .map(let entries): return map(node, entries)
        case .message(let name, let fields): return message(node, name, fields)
        case .comprehension(let loop): return comprehension(node, loop)
        case .bind(let name, let value, let body):
            let type = check(value)
            return within([(name, type)]) { $0.check(body) }
        case .optionalMap(let target, let name, let body, let isFlat):
            let value = unifier.fresh()
            if !unifier.assign(check(target), to: .optional(value)) {
                fail(
                    .noMatchingOverload, "optMap needs an optional, this is \(unifier.final(types[target]))", target,
                    .noSuchOverload("optMap"))
            }
            let result = within([(name, value)]) { $0.check(body) }
            guard isFlat else { return .optional(result) }
            expectType(result, .optional(unifier.fresh()), body, "the result of optFlatMap is an optional")
            return result
        }
    }

    mutating func within<R>(_ variables: [(Text, ValueType)], _ body: (inout Checker) -> R) -> R {
        for (name, type) in variables { scope.append((name, type, scope.count)) }
        places = max(places, scope.count)
        defer { scope.removeLast(variables.count) }
        return body(&self)
    }

    mutating func expect(_ type: ValueType, _ node: Int, _ why: String) {
        expectType(check(node), type, node, why)
    }

    private mutating func expectType(_ found: ValueType, _ type: ValueType, _ node: Int, _ why: String) {
        guard !unifier.assign(found, to: type), !environment.isUnchecked else { return }
        report(.noMatchingOverload, "\(why), this is \(unifier.final(found))", node)
    }

    // MARK: Literals

    private mutating func list(_ elements: [Syntax.Element]) -> ValueType {
        var common: ValueType?
        for element in elements {
            var type = check(element.node)
            if element.isOptional { type = unwrapped(type, element.node) }
            common = common.map { unifier.join($0, type) } ?? type
        }
        return .list(common ?? unifier.fresh())
    }

    private mutating func map(_ node: Int, _ entries: [Syntax.Entry]) -> ValueType {
        var key: ValueType?
        var value: ValueType?
        for entry in entries {
            let keyType = check(entry.key)
            switch unifier.head(keyType) {
            case .dyn, .variable, .bool, .int, .uint, .string: break
            case let other:
                if !environment.isUnchecked {
                    report(
                        .mapKey, "a key is a bool, int, uint or string, this is \(unifier.final(other))", entry.key)
                }
            }
            var type = check(entry.value)
            if entry.isOptional { type = unwrapped(type, entry.value) }
            key = key.map { unifier.join($0, keyType) } ?? keyType
            value = value.map { unifier.join($0, type) } ?? type
        }
        return .map(key ?? unifier.fresh(), value ?? unifier.fresh())
    }

    /// What is in an optional, which an entry with '?' must be.
    private mutating func unwrapped(_ type: ValueType, _ node: Int) -> ValueType {
        let inner = unifier.fresh()
        expectType(type, .optional(inner), node, "an entry with '?' is an optional")
        return inner
    }

    private mutating func message(_ node: Int, _ name: Text, _ fields: [Syntax.Field]) -> ValueType {
        for field in fields { _ = check(field.value) }
        guard let (type, nought) = Self.wrappers[name.asciiLowercased], fields.allSatisfy({ $0.name == "value" }),
            fields.count < 2, !fields.contains(where: \.isOptional)
        else {
            fail(
                .undeclaredName, "there is no message type '\(name)'", help: "write a map: {'field': value}", node,
                EvaluationError(.undeclared, name))
            return .dyn
        }
        if let value = fields.first?.value { expectType(types[value], type, value, "the value of \(name) is \(type)") }
        uses[node] = .wrapper(fields.first?.value, nought: nought)
        return .dyn
    }

    private static let wrappers: [Text: (ValueType, nought: Value)] = [
        "google.protobuf.boolvalue": (.bool, .bool(false)), "google.protobuf.bytesvalue": (.bytes, .bytes(.empty)),
        "google.protobuf.doublevalue": (.double, .double(0)), "google.protobuf.floatvalue": (.double, .double(0)),
        "google.protobuf.int32value": (.int, .int(0)), "google.protobuf.int64value": (.int, .int(0)),
        "google.protobuf.stringvalue": (.string, .string(.empty)),
        "google.protobuf.uint32value": (.uint, .uint(0)), "google.protobuf.uint64value": (.uint, .uint(0)),
    ]
}

extension Syntax.Operation {
    /// Whether it is a comparison and takes these two types, neither of which has parts.
    func compares(_ a: ValueType, _ b: ValueType) -> Bool {
        switch self {
        case .equal, .notEqual: a.isDyn || b.isDyn || a == b
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            a != .type && b != .type && (a.isDyn || b.isDyn || a == b || a.isNumber && b.isNumber)
        default: false
        }
    }

    var symbol: String {
        switch self {
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .contained: "in"
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        }
    }
}

extension Value {
    /// The type of a literal.
    var staticType: ValueType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        case .list, .map, .json, .optional, .opaque, .absent: .dyn
        }
    }
}
