/// Where a path of keys leads in a document.
package enum JSONPlace: Hashable, Sendable {
    /// The number of a value.
    case value(Int)
    /// The last key is not there.
    case noSuchKey
    /// A key before the last is not there.
    case noContainer
    /// Something on the way has no keys.
    case notObject
}

extension JSONNode {
    /// The document that the value is of, and its number there.
    package var place: (document: JSONDocument, index: Int) { (document, index) }

    package init(_ document: JSONDocument, at index: Int) { self.init(document: document, index: index) }

    package func find(_ path: [Text]) -> JSONPlace { document.find(path, from: index) }
}

extension JSONDocument {
    /// Follows keys from one value down, without a copy and without a reference counted.
    package func find(_ path: [Text], from start: Int = 0) -> JSONPlace {
        var index = start
        let nodes = nodes.span
        for step in path.indices {
            guard nodes[index].kind == .object else { return .notObject }
            let member = member(path[step].utf8.span, of: index)
            guard member >= 0 else { return step == path.count - 1 ? .noSuchKey : .noContainer }
            index = member
        }
        return .value(index)
    }

    /// The number of the value that an object has for a key, or -1.
    private func member(_ key: Span<UInt8>, of index: Int) -> Int {
        let nodes = nodes.span
        let end = Int(nodes[index].next)
        var position = index + 1
        while position < end {
            let name = nodes[position]
            let length = Int(name.contentEnd &- name.contentStart)
            if length == key.count {
                let start = Int(name.contentStart)
                let bytes = name.isDecoded ? decoded.span : bytes.span
                if Self.isSame(bytes.extracting(start..<start + length), key) { return position + 1 }
            }
            position = Int(nodes[position + 1].next)
        }
        return -1
    }

    private static func isSame(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }
}

extension JSONDocument {
    package func kind(at index: Int) -> JSONNode.Kind { nodes[index].kind }

    /// A value as written: a range of the document's bytes.
    package func spelling(at index: Int) -> Range<Int> { Int(nodes[index].start)..<Int(nodes[index].end) }

    /// The content of a string, escapes resolved, as a range of an array that is not copied.
    package func content(at index: Int) -> (storage: [UInt8], range: Range<Int>) {
        let node = nodes[index]
        return (node.isDecoded ? decoded : bytes, Int(node.contentStart)..<Int(node.contentEnd))
    }
}
