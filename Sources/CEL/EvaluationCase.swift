package import JSON

/// An expression with what it may read, as a line of a test suite has it: `expr`, and perhaps `id`, `bindings`,
/// `type_env`, `container`, `disable_check`, `check_only`.
package struct EvaluationCase: Sendable {
    package let id: Text
    package let expression: [UInt8]
    private var environment: Environment
    private var bindings: [Text: Value] = [:]
    private let isCheckedOnly: Bool

    package enum Outcome: Sendable {
        case value(Value)
        /// Of a case that is only checked.
        case type(ValueType)
        case error(String)
    }

    /// What is wrong with a line.
    package struct Refusal: Error {
        package let message: String
    }

    package init(_ line: JSONNode, zones: @escaping @Sendable (Text) -> [UInt8]?) throws(Refusal) {
        guard let expression = line["expr"]?.text else { throw Refusal(message: "the line has no text `expr`") }
        self.expression = expression.bytes
        id = line["id"]?.text ?? ""
        isCheckedOnly = line["check_only"]?.bool ?? false
        let isUnchecked = line["disable_check"]?.bool ?? false
        if let given = line["bindings"] {
            for (name, node) in given.members {
                guard let value = Value(typed: node) else {
                    throw Refusal(message: "the binding '\(name)' is no typed value")
                }
                bindings[name] = value
            }
        }
        var variables: [Environment.Variable] = []
        var functions: [Text: [Overload]] = [:]
        if let declarations = line["type_env"] {
            for declaration in declarations.elements {
                guard let name = declaration["name"]?.text else { throw Refusal(message: "a declaration has no name") }
                if let overloads = declaration["overloads"] {
                    functions[name] = try Self.overloads(overloads)
                } else {
                    guard let type = (declaration["type"]?.text).flatMap({ ValueType($0) }) else {
                        throw Refusal(message: "'\(name)' has no type")
                    }
                    variables.append(Environment.Variable(name, type))
                }
            }
        }
        if isUnchecked {
            // Without declarations, what is bound is there.
            let declared = Set(variables.map(\.name))
            for name in bindings.keys where !declared.contains(name) {
                variables.append(Environment.Variable(name, .dyn))
            }
        }
        environment = Environment(variables)
        environment.declarations = functions
        environment.container = line["container"]?.text ?? ""
        environment.isUnchecked = isUnchecked
        environment.patternsAreConstant = false
        environment.zones = zones
    }

    private static func overloads(_ nodes: JSONNode) throws(Refusal) -> [Overload] {
        var overloads: [Overload] = []
        for node in nodes.elements {
            var parameters: [ValueType] = []
            for parameter in node["params"].map({ Array($0.elements) }) ?? [] {
                guard let type = parameter.text.flatMap({ ValueType($0) }) else {
                    throw Refusal(message: "a parameter has no type")
                }
                parameters.append(type)
            }
            guard let result = (node["result"]?.text).flatMap({ ValueType($0) }) else {
                throw Refusal(message: "a function has no result")
            }
            overloads.append(Overload(parameters, result, isMember: node["member"]?.bool ?? false))
        }
        return overloads
    }

    package func run() -> Outcome {
        var table = SlotTable()
        do throws(CompileFailure) {
            if isCheckedOnly { return .type(try environment.typeOf(expression)) }
            let program = try environment.compile(expression, slots: &table)
            let slots = table.references.map { bindings[$0.variable] ?? .absent(.unbound) }
            do throws(EvaluationError) {
                let value = try program.evaluate(slots.span)
                guard !value.isLarger(than: Limits.written) else {
                    return .error("the value is too large to be written")
                }
                return .value(value)
            } catch {
                return .error(error.description)
            }
        } catch {
            return .error(error.diagnostics.map(\.message).joined(separator: "; "))
        }
    }
}
