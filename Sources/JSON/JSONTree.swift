/// A document whose values are named by numbers, so that one of them is a reference and a number, and no copy.
package final class JSONTree: Sendable {
    package let document: JSONDocument

    package init(_ document: JSONDocument) { self.document = document }

    /// The outermost value has the number nought.
    package static let root = 0

    package func kind(_ index: Int) -> JSONNode.Kind { document.nodes[index].kind }

    /// Elements or members.
    package func count(_ index: Int) -> Int {
        let node = document.nodes[index]
        switch node.kind {
        case .array, .object: return Int(node.contentEnd)
        case .null, .bool, .number, .string: return 0
        }
    }

    /// The number of what comes after a value and all that is inside it.
    package func next(_ index: Int) -> Int { Int(document.nodes[index].next) }

    /// A value as written: a range of the document's bytes.
    package func spelling(_ index: Int) -> Range<Int> {
        let node = document.nodes[index]
        return Int(node.start)..<Int(node.end)
    }

    package func bool(_ index: Int) -> Bool {
        document.bytes[Int(document.nodes[index].start)] == UInt8(ascii: "t")
    }

    /// The content of a string or a key, escapes resolved, as a range of an array that is not copied.
    package func content(_ index: Int) -> (storage: [UInt8], range: Range<Int>) {
        let node = document.nodes[index]
        return (node.isDecoded ? document.decoded : document.bytes, Int(node.contentStart)..<Int(node.contentEnd))
    }

    /// The number of the value that an object has for a key.
    package func member(_ key: Span<UInt8>, of index: Int) -> Int? {
        guard document.nodes[index].kind == .object else { return nil }
        let end = Int(document.nodes[index].next)
        var position = index + 1
        while position < end {
            let name = document.nodes[position]
            if Int(name.contentEnd &- name.contentStart) == key.count,
                Self.isSame(name.isDecoded ? document.decoded : document.bytes, Int(name.contentStart), key)
            {
                return position + 1
            }
            position = Int(document.nodes[position + 1].next)
        }
        return nil
    }

    private static func isSame(_ storage: [UInt8], _ start: Int, _ key: Span<UInt8>) -> Bool {
        for index in key.indices where storage[start &+ index] != key[index] { return false }
        return true
    }

    /// The number of an array's element.
    package func element(_ place: Int, of index: Int) -> Int? {
        guard document.nodes[index].kind == .array, place >= 0, place < count(index) else { return nil }
        var position = index + 1
        for _ in 0..<place { position = Int(document.nodes[position].next) }
        return position
    }
}
