/// What would be accepted instead of a rejected call: in a person's words, and as a change to it.
package struct Suggestion: Hashable, Sendable {
    package let text: String?
    /// An RFC 6902 document, as JSON; checked where it came in.
    package let patch: String?

    /// Nil where there is neither.
    package init?(text: String?, patch: String?) {
        guard text != nil || patch != nil else { return nil }
        self.text = text
        self.patch = patch
    }
}
