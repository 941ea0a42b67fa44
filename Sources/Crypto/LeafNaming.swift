/// Finds a leaf for the name in a client's hello, where nothing else says whom it calls.
package final class LeafNaming: Sendable {
    private let find: @Sendable (String) -> Leaf?

    /// - Parameter find: nil where the name is none.
    package init(_ find: @escaping @Sendable (String) -> Leaf?) { self.find = find }

    func leaf(for name: String) -> Leaf? { find(name) }
}
