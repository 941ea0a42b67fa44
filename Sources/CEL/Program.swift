/// An expression that was read, checked and compiled: immutable, and evaluated by any number of tasks at once.
package struct Program: Sendable {
    /// The type of its result; dyn where only evaluating tells.
    package let type: ValueType
    /// The slots that it may read, without repetition.
    package let slots: [Int]
    let code: Code

    /// The value, from the slots of the table that the program was compiled with. A slot beyond the end is unbound.
    package func evaluate(_ slots: Span<Value>) throws(EvaluationError) -> Value {
        throw EvaluationError(.unboundFunction)
    }

    /// The same for a condition.
    package func test(_ slots: Span<Value>) throws(EvaluationError) -> Bool {
        throw EvaluationError(.unboundFunction)
    }
}

/// All that is wrong with an expression, in the order of the source.
package struct CompileFailure: Error, Sendable {
    package let diagnostics: [CompileDiagnostic]
}

extension Environment {
    /// Reads, checks, folds and compiles an expression; what it reads gets numbers in the table.
    package func compile(
        _ source: [UInt8], expecting type: ValueType? = nil, slots: inout SlotTable
    ) throws(CompileFailure) -> Program {
        throw CompileFailure(diagnostics: [])
    }
}
