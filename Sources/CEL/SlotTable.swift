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

/// Numbers for everything that a set of programs reads: one table for all of them, so that one pass over a document
/// fills the slots of every candidate.
package struct SlotTable: Sendable {
    /// The reference of each slot.
    package private(set) var references: [Reference] = []
    private var numbers: [Reference: Int] = [:]

    package init() {}

    package var count: Int { references.count }

    package mutating func slot(for reference: Reference) -> Int {
        if let number = numbers[reference] { return number }
        numbers[reference] = references.count
        references.append(reference)
        return references.count - 1
    }

    package func slot(of reference: Reference) -> Int? { numbers[reference] }
}
