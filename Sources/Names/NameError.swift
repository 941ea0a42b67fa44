/// Why bytes are no question, or no answer to one.
package enum NameError: Error, Hashable, Sendable {
    /// Too short to be told anything, or itself an answer: nothing is sent back.
    case noQuestion
    /// A length, a count or a pointer that does not fit, or bytes behind the end.
    case malformed
    /// A name with a byte that no host has.
    case unusableName
    /// An operation other than a question.
    case unsupportedOperation
    /// A version of EDNS other than 0.
    case unsupportedVersion
}
