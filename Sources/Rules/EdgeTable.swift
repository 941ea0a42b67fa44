import JSON

/// (node, label) to child: open addressing, at most half full, labels in one buffer and compared whole on a hit.
struct EdgeTable: Sendable {
    private struct Edge: BitwiseCopyable, Sendable {
        /// -1 is a free place.
        var node: Int32 = -1
        var child: Int32 = -1
        var start: UInt32 = 0
        var length: UInt32 = 0
        var hash: UInt64 = 0
    }

    private var slots = [Edge](repeating: Edge(), count: 64)
    private var labels: [UInt8] = []
    private var count = 0

    /// The child, or -1.
    func child(of node: Int, _ label: Span<UInt8>) -> Int { child(of: node, label, hash: Self.hash(label)) }

    /// - Parameter hash: of the label, where the same one is looked for at several nodes.
    func child(of node: Int, _ label: Span<UInt8>, hash: UInt64) -> Int {
        let slots = slots.span
        let mixed = Self.mix(node, hash)
        var slot = Int(truncatingIfNeeded: mixed) & (slots.count - 1)
        while slots[slot].node >= 0 {
            let edge = slots[slot]
            if edge.hash == mixed, Int(edge.node) == node, isLabel(edge, label) { return Int(edge.child) }
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
        place(
            Edge(
                node: Int32(node), child: Int32(child), start: UInt32(start), length: UInt32(labels.count - start),
                hash: Self.mix(node, Self.hash(label.utf8.span))))
        count += 1
    }

    private mutating func place(_ edge: Edge) {
        var slot = Int(truncatingIfNeeded: edge.hash) & (slots.count - 1)
        while slots[slot].node >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = edge
    }

    private func isLabel(_ edge: Edge, _ label: Span<UInt8>) -> Bool {
        guard Int(edge.length) == label.count else { return false }
        let known = labels.span
        let start = Int(edge.start)
        var index = 0
        while label.count &- index >= 8 {
            guard Self.word(known, at: start &+ index) == Self.word(label, at: index) else { return false }
            index &+= 8
        }
        while index < label.count {
            guard known[start &+ index] == label[index] else { return false }
            index &+= 1
        }
        return true
    }

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        // The load checks its bounds; every pattern of bits is a UInt64.
        unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func mix(_ node: Int, _ hash: UInt64) -> UInt64 {
        let mixed = (hash ^ UInt64(truncatingIfNeeded: node)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 32
    }

    /// Eight bytes at a time. Only rule authors put labels in, so a call can find a crowded place but cannot make one.
    static func hash(_ label: Span<UInt8>) -> UInt64 {
        var hash = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: label.count)
        var index = 0
        while label.count &- index >= 8 {
            hash = (hash ^ word(label, at: index)) &* 0x9FB2_1C65_1E98_DF25
            hash ^= hash >> 29
            index &+= 8
        }
        // What is left, with bytes before it that were looked at already.
        if index > 0, index < label.count {
            hash = (hash ^ word(label, at: label.count &- 8)) &* 0x9FB2_1C65_1E98_DF25
            return hash ^ hash >> 32
        }
        var rest: UInt64 = 0
        while index < label.count {
            rest = rest << 8 | UInt64(label[index])
            index &+= 1
        }
        hash = (hash ^ rest) &* 0x9FB2_1C65_1E98_DF25
        return hash ^ hash >> 32
    }
}
