package import JSON

/// Fills the slots of the paths below one variable in one pass over its value: each member of an object is looked at
/// once, whatever the number of paths, and what no path leads to is passed over.
package struct PathReader: Sendable {
    private struct Step: Sendable {
        /// The slot of the path that ends here.
        var slot: Int?
        var keys: [ByteString] = []
        /// The steps that the keys lead to.
        var next: [Int] = []
    }

    private var steps = [Step()]

    /// For all paths that the table has now.
    package init(_ table: SlotTable, variable: Text) {
        for (slot, reference) in table.references.enumerated() where reference.variable == variable {
            var at = 0
            for name in reference.path {
                let key = ByteString(name)
                if let known = steps[at].keys.firstIndex(of: key) {
                    at = steps[at].next[known]
                } else {
                    steps.append(Step())
                    steps[at].keys.append(key)
                    steps[at].next.append(steps.count - 1)
                    at = steps.count - 1
                }
            }
            steps[at].slot = slot
        }
    }

    package var isEmpty: Bool { steps.count == 1 && steps[0].slot == nil }

    /// Sets every slot of the variable. There must be as many slots as the table has.
    package func fill(_ value: Value, into slots: inout [Value]) { fill(0, value, &slots) }

    /// The same for a variable that has no value.
    package func fill(_ absence: Absence, into slots: inout [Value]) { miss(0, absence, absence, &slots) }

    private func fill(_ at: Int, _ value: Value, _ slots: inout [Value]) {
        if let slot = steps[at].slot, slot < slots.count { slots[slot] = value }
        guard !steps[at].keys.isEmpty else { return }
        switch value {
        case .json(let tree, let index) where tree.kind(Int(index)) == .object: fill(at, tree, Int(index), &slots)
        case .map(let map):
            for (key, next) in zip(steps[at].keys, steps[at].next) {
                if let member = map[.string(key)] {
                    fill(next, member, &slots)
                } else {
                    miss(next, .noSuchKey, .noContainer, &slots)
                }
            }
        // What the host could not give has its reason all the way down.
        case .absent(let absence):
            for next in steps[at].next { miss(next, absence, absence, &slots) }
        default:
            for next in steps[at].next { miss(next, .notMap, .notMap, &slots) }
        }
    }

    private func fill(_ at: Int, _ tree: JSONTree, _ index: Int, _ slots: inout [Value]) {
        for next in steps[at].next { miss(next, .noSuchKey, .noContainer, &slots) }
        var left = steps[at].keys.count
        var position = index + 1
        let end = tree.next(index)
        while position < end, left > 0 {
            let (storage, range) = tree.content(position)
            let name = ByteString(storage, range)
            if let known = steps[at].keys.firstIndex(of: name) {
                left -= 1
                fill(steps[at].next[known], Value(tree, position + 1), &slots)
            }
            position = tree.next(position + 1)
        }
    }

    private func miss(_ at: Int, _ own: Absence, _ below: Absence, _ slots: inout [Value]) {
        if let slot = steps[at].slot, slot < slots.count { slots[slot] = .absent(own) }
        for next in steps[at].next { miss(next, below, below, &slots) }
    }
}
