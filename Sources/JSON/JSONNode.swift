/// One value of a document.
package struct JSONNode: Sendable {
    package enum Kind: UInt8, Sendable {
        case null, bool, number, string, array, object
    }

    let document: JSONDocument
    let index: Int

    private var node: JSONDocument.Node { document.nodes[index] }

    package var kind: Kind { node.kind }
    package var isNull: Bool { kind == .null }

    /// Where the value stands in the document's bytes, quotes and brackets included.
    package var span: Range<Int> { Int(node.start)..<Int(node.end) }

    /// The value as written.
    package var spelling: ArraySlice<UInt8> { document.bytes[span] }

    /// The content of a string, escapes resolved; nil for every other kind.
    package var text: Text? {
        let node = node
        return node.kind == .string ? Text(String(decoding: document.content(node), as: UTF8.self)) : nil
    }

    package var bool: Bool? {
        let node = node
        return node.kind == .bool ? document.bytes[Int(node.start)] == UInt8(ascii: "t") : nil
    }

    /// A number as written, in all its digits.
    package var number: Text? {
        kind == .number ? Text(String(decoding: spelling, as: UTF8.self)) : nil
    }

    /// A number written without fraction or exponent that fits 64 bits; never a rounded one.
    package var integer: Int64? {
        kind == .number ? Int64(String(decoding: spelling, as: UTF8.self)) : nil
    }

    /// Elements of an array or members of an object; none for every other kind.
    package var count: Int {
        switch kind {
        case .array, .object: Int(node.contentEnd)
        case .null, .bool, .number, .string: 0
        }
    }

    /// The value of an object's key; nil where there is none or this is no object.
    package subscript(key: Text) -> JSONNode? {
        let nodes = document.nodes
        guard kind == .object else { return nil }
        let length = key.utf8.count
        let end = Int(node.next)
        var position = index + 1
        while position < end {
            let name = nodes[position]
            if Int(name.contentEnd - name.contentStart) == length, document.content(name).elementsEqual(key.utf8) {
                return JSONNode(document: document, index: position + 1)
            }
            position = Int(nodes[position + 1].next)
        }
        return nil
    }

    /// The element at this place of an array; nil where there is none or this is no array.
    package subscript(index: Int) -> JSONNode? {
        guard kind == .array, index >= 0, index < count else { return nil }
        return elements.dropFirst(index).first { _ in true }
    }

    /// The elements of an array; empty for every other kind.
    package var elements: Elements {
        let node = node
        return Elements(document: document, position: index + 1, end: node.kind == .array ? Int(node.next) : index + 1)
    }

    /// The members of an object in order; empty for every other kind.
    package var members: Members {
        let node = node
        return Members(document: document, position: index + 1, end: node.kind == .object ? Int(node.next) : index + 1)
    }

    package struct Elements: Sequence, IteratorProtocol, Sendable {
        let document: JSONDocument
        var position: Int
        let end: Int

        package mutating func next() -> JSONNode? {
            guard position < end else { return nil }
            defer { position = Int(document.nodes[position].next) }
            return JSONNode(document: document, index: position)
        }
    }

    package struct Members: Sequence, IteratorProtocol, Sendable {
        let document: JSONDocument
        var position: Int
        let end: Int

        package mutating func next() -> (key: Text, value: JSONNode)? {
            guard position < end else { return nil }
            let name = document.nodes[position]
            let value = JSONNode(document: document, index: position + 1)
            position = Int(document.nodes[position + 1].next)
            return (Text(String(decoding: document.content(name), as: UTF8.self)), value)
        }
    }
}

/// Two values are the same when they are spelled alike, byte for byte.
extension JSONNode: Hashable {
    package static func == (a: JSONNode, b: JSONNode) -> Bool { a.spelling == b.spelling }
    package func hash(into hasher: inout Hasher) { hasher.combine(spelling) }
}
