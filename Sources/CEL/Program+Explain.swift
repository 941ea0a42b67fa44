/// A part of an expression with what it came to.
package struct Explanation: Sendable {
    /// Bytes of the source.
    package let span: Range<Int>
    package let outcome: Result<Value, EvaluationError>
}

extension Program {
    /// The parts of the expression, outer before inner, each evaluated by itself. What is inside of a macro has no one
    /// value and is left out, and of several parts in one place the outermost is kept.
    package func explain(_ slots: Span<Value>) -> [Explanation] {
        var inside: Set<Int> = []
        for (index, instruction) in code.instructions.enumerated() {
            switch instruction.operation {
            case .loop: inside.formUnion(Int(code.loops[Int(instruction.a)].range) + 1..<index)
            case .bind, .mapOptional, .flatMapOptional: inside.formUnion(Int(instruction.a) + 1..<index)
            default: break
            }
        }
        var seen: Set<Range<UInt32>> = []
        var explanations: [Explanation] = []
        for index in code.instructions.indices.reversed() where !inside.contains(index) {
            let span = code.spans[index]
            guard seen.insert(span).inserted else { continue }
            var machine = Machine(code)
            let outcome: Result<Value, EvaluationError>
            do throws(EvaluationError) {
                outcome = .success(try machine.value(Int32(index), slots))
            } catch {
                outcome = .failure(error)
            }
            explanations.append(Explanation(span: Int(span.lowerBound)..<Int(span.upperBound), outcome: outcome))
        }
        return explanations.sorted { a, b in
            (a.span.lowerBound, b.span.upperBound) < (b.span.lowerBound, a.span.upperBound)
        }
    }
}
