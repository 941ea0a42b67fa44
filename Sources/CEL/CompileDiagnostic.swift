/// Why an expression is refused, where, and what to do about it.
package struct CompileDiagnostic: Error, Hashable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        case syntax, literal, limit, cost, macro, pattern
        case undeclaredName = "undeclared-name"
        case undeclaredFunction = "undeclared-function"
        case noSuchField = "no-such-field"
        case noMatchingOverload = "no-matching-overload"
        case wrongResult = "wrong-result"
        case mapKey = "map-key"
        case timeZone = "time-zone"
    }

    package let code: Code
    package let message: String
    package let help: String?
    /// Bytes of the source.
    package let span: Range<Int>

    init(_ code: Code, _ message: String, help: String? = nil, at span: Range<Int>) {
        self.code = code
        self.message = message
        self.help = help
        self.span = span
    }

    /// Line and column of the first byte, both from 1; a column is a code point.
    package func position(in source: [UInt8]) -> (line: Int, column: Int) {
        let before = source[..<min(span.lowerBound, source.count)]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = before.count { $0 == 0x0A } + 1
        return (line, before[start...].count { $0 & 0xC0 != 0x80 } + 1)
    }
}
