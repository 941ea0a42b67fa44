extension Environment {
    /// Reads, checks, folds and compiles an expression; what it reads gets numbers in the table.
    package func compile(
        _ source: [UInt8], expecting type: ValueType? = nil, slots: inout SlotTable
    ) throws(CompileFailure) -> Program {
        let checker = try check(source, expecting: type)
        let cost = Cost.estimate(checker.syntax, limits)
        guard cost <= limits.cost else {
            throw CompileFailure(diagnostics: [
                CompileDiagnostic(
                    .cost, "evaluating it may take \(cost) steps, and \(limits.cost) are allowed",
                    help: "macros inside macros go through their lists again for each element",
                    at: checker.syntax[checker.syntax.root].span)
            ])
        }
        var emitter = Emitter(checker, slots)
        let root = emitter.run()
        guard emitter.diagnostics.isEmpty else { throw CompileFailure(diagnostics: emitter.diagnostics) }
        slots = emitter.table
        return Program(
            type: checker.types[checker.syntax.root], slots: emitter.slots.sorted(),
            code: Code(emitter.tables, root: root, places: checker.places, limits: limits))
    }

    /// The type that an expression has, without compiling it.
    package func typeOf(_ source: [UInt8]) throws(CompileFailure) -> ValueType {
        let checker = try check(source, expecting: nil)
        return checker.types[checker.syntax.root]
    }

    private func check(_ source: [UInt8], expecting type: ValueType?) throws(CompileFailure) -> Checker {
        let syntax: Syntax
        do throws(CompileDiagnostic) {
            syntax = try Parser.parse(source, limits)
        } catch {
            throw CompileFailure(diagnostics: [error])
        }
        var checker = Checker(syntax, self)
        checker.run(expecting: type)
        guard checker.diagnostics.isEmpty else {
            throw CompileFailure(diagnostics: checker.diagnostics.sorted { $0.span.lowerBound < $1.span.lowerBound })
        }
        return checker
    }
}
