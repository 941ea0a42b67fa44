package import JSON

/// Why an expression has no value. An error is no value of the language: only `&&`, `||`, `all` and `exists` get over it.
package struct EvaluationError: Error, Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case noSuchKey = "no such key"
        case noSuchOverload = "no such overload"
        case undeclared = "undeclared reference"
        case unboundFunction = "unbound function"
        case unbound = "no value for"
        case ambiguous = "more than one value for"
        case divisionByZero = "division by zero"
        case overflow = "return error for overflow"
        case outOfRange = "range error"
        case indexOutOfRange = "index out of range"
        case invalidArgument = "invalid argument"
        case invalidUTF8 = "invalid UTF-8"
        case unsupportedKey = "unsupported key type"
        case duplicateKey = "duplicate key"
        case noneDereferenced = "optional.none() dereference"
        case conversion = "type conversion error"
        case pattern = "invalid regular expression"
        case stepLimit = "the limit of steps is reached"
    }

    package let kind: Kind
    /// What it is about: a key, a function, a value of the rule's own. Never what a call carried.
    package let detail: Text
    /// Bytes of the source; nil where the error has not passed an expression yet.
    package private(set) var span: Range<UInt32>?

    package init(_ kind: Kind, _ detail: Text = "") {
        self.kind = kind
        self.detail = detail
    }

    /// The same error with its place, the innermost that is known.
    func placed(_ span: Range<UInt32>) -> EvaluationError {
        guard self.span == nil else { return self }
        var error = self
        error.span = span
        return error
    }

    static func noSuchOverload(_ function: Text) -> EvaluationError { EvaluationError(.noSuchOverload, function) }
}

extension EvaluationError: CustomStringConvertible {
    package var description: String { detail.isEmpty ? kind.rawValue : "\(kind.rawValue): \(detail)" }
}
