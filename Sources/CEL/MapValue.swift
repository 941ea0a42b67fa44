/// A map: keys and values in the order in which they were written, with an index where there are many.
package final class MapValue: Sendable {
    package let keys: [Value]
    package let values: [Value]
    private let index: [Key: Int]?

    /// Below it, comparing with each key is faster than hashing.
    private static let scanned = 8

    /// Nil where a key occurs twice; numbers that are equal are one key, whatever their type.
    package init?(_ keys: [Value], _ values: [Value]) {
        guard keys.count == values.count else { return nil }
        self.keys = keys
        self.values = values
        if keys.count <= Self.scanned {
            for (place, key) in keys.enumerated() {
                guard let key = Key(key) else { return nil }
                for other in keys[..<place] where Key(other) == key { return nil }
            }
            index = nil
            return
        }
        var index = [Key: Int](minimumCapacity: keys.count)
        for (place, key) in keys.enumerated() {
            guard let key = Key(key), index.updateValue(place, forKey: key) == nil else { return nil }
        }
        self.index = index
    }

    private init() {
        keys = []
        values = []
        index = nil
    }

    static let empty = MapValue()

    package var count: Int { keys.count }

    package subscript(_ key: Value) -> Value? {
        guard let key = Key(key) else { return nil }
        if let index { return index[key].map { values[$0] } }
        for place in keys.indices where Key(keys[place]) == key { return values[place] }
        return nil
    }

    /// What makes keys the same: 1, 1u and 1.0 are.
    enum Key: Hashable {
        case bool(Bool)
        case int(Int64)
        /// Too large for `int`.
        case uint(UInt64)
        case string(ByteString)

        /// Nil for what no map can have as a key; a double that is no integer is none.
        init?(_ value: Value) {
            switch value {
            case .bool(let bool): self = .bool(bool)
            case .int(let int): self = .int(int)
            case .uint(let uint): self = Int64(exactly: uint).map(Key.int) ?? .uint(uint)
            case .double(let double):
                if let int = Int64(exactly: double) {
                    self = .int(int)
                } else if let uint = UInt64(exactly: double) {
                    self = .uint(uint)
                } else {
                    return nil
                }
            case .string(let string): self = .string(string)
            default: return nil
            }
        }
    }
}
