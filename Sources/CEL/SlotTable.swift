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
