/// `api.test`, or `**.test` for every name under one.
package struct NamePattern: Hashable, Sendable {
    private let name: String
    private let isWildcard: Bool

    package init?(_ pattern: String) {
        isWildcard = pattern.hasPrefix("**.")
        name = String(isWildcard ? pattern.dropFirst(2) : pattern[...])
        guard !name.isEmpty, name != ".", !name.contains("*") else { return nil }
    }

    /// - Parameter host: a name in its canonical spelling.
    package func covers(_ host: String) -> Bool { isWildcard ? host.hasSuffix(name) : host == name }
}
