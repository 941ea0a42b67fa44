/// All that is wrong with an expression, in the order of the source.
package struct CompileFailure: Error, Sendable {
    package let diagnostics: [CompileDiagnostic]
}
