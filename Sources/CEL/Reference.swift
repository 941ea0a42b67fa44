package import JSON

/// What a condition reads: a variable, or a path of keys inside one.
package struct Reference: Hashable, Sendable, CustomStringConvertible {
    package let variable: Text
    package let path: [Text]

    package init(_ variable: Text, _ path: [Text] = []) {
        self.variable = variable
        self.path = path
    }

    package var description: String { ([variable] + path).map(\.string).joined(separator: ".") }
}
