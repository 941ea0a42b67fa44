import CEL
import JSON

/// Compiles the expressions of one rule over one table of slots.
struct Compiler {
    private var environment: Environment
    private var slots = SlotTable()
    private var bindings: [Text] = []

    init(_ vocabulary: Vocabulary) {
        environment = Environment(vocabulary.variables)
    }

    func knows(_ name: Text) -> Bool { environment.variables[name] != nil || name == "lists" }

    /// Makes the value of a `let` known to what follows.
    mutating func bind(_ name: Text, _ type: ValueType) {
        bindings.append(name)
        environment.declare(Environment.Variable(name, type))
    }

    mutating func compile(_ source: Text, expecting type: ValueType?) throws(CompileFailure) -> Conditions.Expression {
        Conditions.Expression(
            program: try environment.compile(source.bytes, expecting: type, slots: &slots), source: source)
    }

    var names: [String] { slots.references.map(\.description) }
    var facts: [Fact] { slots.references.map { Fact($0, bindings: bindings) } }
}
