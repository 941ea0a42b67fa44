package import JSON

/// A value of the Common Expression Language. Scalars are in the enum itself: none of them is allocated.
package enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    /// UTF-8, always well-formed.
    case string(ByteString)
    case bytes(ByteString)
    case list([Value])
    case map(MapValue)
    /// An array or an object of a document, read where it lies; its scalars become values as they are taken.
    case json(JSONTree, UInt32)
    /// By name: `int`, `list`, `google.protobuf.Timestamp`.
    case type(Text)
    case timestamp(Instant)
    /// Nanoseconds.
    case duration(Int64)
    case optional(OptionalValue)
    case opaque(Opaque)
    /// In slots only: there is nothing to read, and this is why. Never a result.
    case absent(Absence)

    /// Whether it has more elements than this, all the way down.
    package func isLarger(than limit: Int) -> Bool {
        var left = limit
        return !count(&left)
    }

    private func count(_ left: inout Int) -> Bool {
        left -= 1
        guard left >= 0 else { return false }
        switch self {
        case .list(let elements): return elements.allSatisfy { $0.count(&left) }
        case .map(let map): return map.values.allSatisfy { $0.count(&left) }
        case .json(let tree, let index):
            left -= tree.next(Int(index)) - Int(index)
            return left >= 0
        case .optional(let optional): return optional.value?.count(&left) ?? true
        case .string(let text), .bytes(let text):
            left -= text.count >> 6
            return left >= 0
        default: return true
        }
    }

    package static func text(_ text: Text) -> Value { .string(ByteString(text)) }
}

/// Why a slot has no value.
package enum Absence: UInt8, Sendable {
    /// The container is there and has no such key: `has` is false, `.?` is none, reading is an error.
    case noSuchKey
    /// What should contain it is missing: even `has` is an error.
    case noContainer
    /// What should contain it is no map.
    case notMap
    /// The host had no value for the variable.
    case unbound
    /// There is one, but not one value: a repeated parameter, a body that could not be read.
    case ambiguous
}

/// A value that may not be there.
package final class OptionalValue: Sendable {
    package let value: Value?

    package init(_ value: Value?) { self.value = value }

    static let nothing = OptionalValue(nil)
}

/// Values of types that the language itself does not have.
package final class Opaque: Sendable {
    enum Content: Hashable, Sendable {
        case ip(IPAddress)
        case cidr(CIDR)
        case decimal(Decimal)
    }

    let content: Content

    init(_ content: Content) { self.content = content }
}
