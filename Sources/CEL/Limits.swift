/// How much an expression may ask of those who read and evaluate it.
package struct Limits: Sendable {
    /// Bytes of an expression.
    package var source = 64 << 10
    /// Operations, literals, names.
    package var nodes = 8_192
    /// Literals of lists and maps, macros, and calls of `optional.of`: a value is nested no deeper than there are these.
    package var containers = 2_048
    /// Expressions inside one another; operators in a row count too, because the second contains the first.
    package var depth = 192
    /// What evaluating may cost at most, estimated before: an unknown list counts as `estimatedLength`.
    package var cost = 100_000_000
    package var estimatedLength = 100
    /// What evaluating really did: elements visited, bytes made, patterns tried.
    package var steps = 4_000_000
    /// Bytes of a regular expression, and of what RE2 makes of it.
    package var pattern = 4_096
    package var patternMemory = 1 << 20
    /// Digits after the point that `format` is asked for.
    package var precision = 1_000

    /// Elements of a value that is written out, those of parts that it shares with itself counted each time.
    package static let written = 1_000_000

    package init() {}

    package static let `default` = Limits()
}
