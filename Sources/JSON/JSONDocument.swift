/// A JSON document that has exactly one reading: its bytes, and a flat table of what stands where.
///
/// What two readers could understand differently (a key twice, data after the end, half a surrogate pair) is refused.
package struct JSONDocument: Sendable {
    /// The document as received.
    package let bytes: [UInt8]
    let nodes: [Node]
    /// Contents of the strings that are written with escapes, one after the other.
    let decoded: [UInt8]

    /// Reads the whole of `bytes` as one document, or says what stands in the way (RFC 8259, I-JSON of RFC 7493).
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .default
    ) throws(JSONError) -> JSONDocument {
        var parser = JSONParser(limits: limits)
        try parser.parse(bytes.span)
        return JSONDocument(bytes: bytes, nodes: parser.nodes, decoded: parser.decoded)
    }

    /// The outermost value.
    package var root: JSONNode { JSONNode(document: self, index: 0) }

    /// One value or key. A container is followed by its contents: elements, or keys and values in turn.
    struct Node {
        var kind: JSONNode.Kind
        /// A string whose content lies in `decoded`, because it is written with escapes.
        var isDecoded = false
        /// As written in `bytes`, quotes and brackets included.
        var start: UInt32
        var end: UInt32
        /// The node after this one and all that is inside it.
        var next: UInt32
        /// Strings: where the content lies, in `bytes` or in `decoded`.
        var contentStart: UInt32 = 0
        /// Strings: where the content ends. Containers: elements or members.
        var contentEnd: UInt32 = 0
    }

    func content(_ node: Node) -> ArraySlice<UInt8> {
        let range = Int(node.contentStart)..<Int(node.contentEnd)
        return node.isDecoded ? decoded[range] : bytes[range]
    }
}
