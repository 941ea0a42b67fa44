/// Names that a peer has not seen since it started. Confined to one loop.
final class FreshNames: @unchecked Sendable {
    private var used = 0

    func next() -> Int {
        defer { used += 1 }
        return used
    }
}
