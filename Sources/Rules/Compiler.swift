import CEL
import JSON

/// Compiles the expressions of one rule over one table of slots.
struct Compiler {
    private var variables: [Environment.Variable]
    private var environment: Environment
    private var slots = SlotTable()
    private var bindings: [Text] = []

    init(_ vocabulary: Vocabulary) {
        variables = vocabulary.variables
        environment = Environment(variables)
    }

    func knows(_ name: Text) -> Bool { environment.variables[name] != nil || name == "lists" }

    /// Makes the value of a `let` known to what follows.
    mutating func bind(_ name: Text, _ type: ValueType) {
        bindings.append(name)
        variables.append(Environment.Variable(name, type))
        environment = Environment(variables)
    }

    mutating func compile(_ source: Text, expecting type: ValueType?) throws(CompileFailure) -> Conditions.Expression {
        Conditions.Expression(
            program: try environment.compile(source.bytes, expecting: type, slots: &slots), source: source)
    }

    var names: [String] { slots.references.map(\.description) }
    var facts: [Fact] { slots.references.map { Fact($0, bindings: bindings) } }
}
