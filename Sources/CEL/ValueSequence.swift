import JSON

/// Goes through a list's elements, or through a map's keys or entries.
struct ValueSequence: Sequence, IteratorProtocol {
    private enum Source {
        case list([Value])
        case map(MapValue)
        /// With the number of the next element or key, and of what comes after the container.
        case json(JSONTree, isArray: Bool)
    }

    private let source: Source
    private var position = 0
    private let end: Int
    /// Elements or entries that were gone through.
    private(set) var index = 0

    init?(_ value: Value) {
        switch value {
        case .list(let elements):
            source = .list(elements)
            end = elements.count
        case .map(let map):
            source = .map(map)
            end = map.count
        case .json(let tree, let index):
            source = .json(tree, isArray: tree.kind(Int(index)) == .array)
            position = Int(index) + 1
            end = tree.next(Int(index))
        default: return nil
        }
    }

    /// The next element, or key of a map.
    mutating func next() -> Value? {
        switch source {
        case .list: nextEntry()?.value
        case .map: nextEntry()?.key
        case .json(_, let isArray): isArray ? nextEntry()?.value : nextEntry()?.key
        }
    }

    /// The next element with its index, or entry of a map.
    mutating func nextEntry() -> (key: Value, value: Value)? {
        guard position < end else { return nil }
        defer { index += 1 }
        switch source {
        case .list(let elements):
            defer { position += 1 }
            return (.int(Int64(position)), elements[position])
        case .map(let map):
            defer { position += 1 }
            return (map.keys[position], map.values[position])
        case .json(let tree, let isArray):
            guard !isArray else {
                defer { position = tree.next(position) }
                return (.int(Int64(index)), Value(tree, position))
            }
            let (storage, range) = tree.content(position)
            let value = position + 1
            defer { position = tree.next(value) }
            return (.string(ByteString(storage, range)), Value(tree, value))
        }
    }
}
