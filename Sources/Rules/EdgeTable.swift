import JSON

/// (node, label) to child: open addressing, at most half full, labels in one buffer and compared whole on a hit.
struct EdgeTable: Sendable {
    private struct Edge: Sendable {
        /// -1 is a free place.
        var node = -1
        var child = -1
        var start = 0
        var end = 0
        var hash = 0
    }

    private var slots = [Edge](repeating: Edge(), count: 64)
    private var labels: [UInt8] = []
    private var count = 0

    /// The child, or -1.
    func child(of node: Int, _ label: Span<UInt8>) -> Int {
        var slot = hash(node, label) & (slots.count - 1)
        while slots[slot].node >= 0 {
            let edge = slots[slot]
            if edge.node == node, isLabel(edge, label) { return edge.child }
            slot = (slot + 1) & (slots.count - 1)
        }
        return -1
    }

    mutating func insert(node: Int, _ label: Text, child: Int) {
        if (count + 1) * 2 > slots.count {
            let old = slots
            slots = [Edge](repeating: Edge(), count: old.count * 2)
            for edge in old where edge.node >= 0 { place(edge) }
        }
        let start = labels.count
        labels.append(contentsOf: label.utf8)
        place(Edge(node: node, child: child, start: start, end: labels.count, hash: hash(node, label.utf8.span)))
        count += 1
    }

    private mutating func place(_ edge: Edge) {
        var slot = edge.hash & (slots.count - 1)
        while slots[slot].node >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = edge
    }

    private func isLabel(_ edge: Edge, _ label: Span<UInt8>) -> Bool {
        guard edge.end - edge.start == label.count else { return false }
        for index in label.indices where labels[edge.start + index] != label[index] { return false }
        return true
    }

    /// FNV-1a. Only rule authors put labels in, so a call can find a crowded place but cannot make one.
    private func hash(_ node: Int, _ label: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: node) &* 0x9E37_79B9_7F4A_7C15
        for index in label.indices { hash = (hash ^ UInt64(label[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
