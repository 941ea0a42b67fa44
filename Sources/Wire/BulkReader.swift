import Calls
import JSON

/// The lines of Elasticsearch's and OpenSearch's `_bulk` and `_msearch`, each as the single request that does the same.
struct BulkReader {
    /// One request of its own: what it would be if it had come alone.
    struct Entry {
        let method: Text
        let segments: [Text]
        let body: [UInt8]?
    }

    private let lines: [ArraySlice<UInt8>]
    private let index: Text?
    private var position = 0

    static func entries(
        _ endpoint: Endpoint, _ target: Target, _ body: [UInt8], limits: DecodingLimits
    ) throws(WireError) -> [Entry] {
        var reader = try BulkReader(target, body, limits)
        var entries: [Entry] = []
        while reader.position < reader.lines.count {
            guard entries.count < limits.operations else { throw .tooManyOperations(limit: limits.operations) }
            entries.append(try endpoint == .bulk ? reader.action() : reader.search())
        }
        return entries
    }

    private init(_ target: Target, _ body: [UInt8], _ limits: DecodingLimits) throws(WireError) {
        // A line more than two for each operation is one operation too many.
        var lines = body.split(separator: 0x0A, maxSplits: 2 * limits.operations + 2, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count <= 2 * limits.operations else { throw .tooManyOperations(limit: limits.operations) }
        // What a blank line means differs between versions; before it, a source may be taken for an action.
        guard !lines.isEmpty, !lines.contains(where: { $0.allSatisfy { $0 == 0x0D || ByteClass.isBlank($0) } }) else {
            throw .malformedLines
        }
        self.lines = lines
        index = target.segments.count > 1 ? target.segments[0] : nil
    }

    private mutating func object() throws(WireError) -> JSONNode {
        guard position < lines.count else { throw .malformedLines }
        defer { position += 1 }
        let root: JSONNode
        do throws(JSONError) {
            root = try JSONDocument.parse(Array(lines[position])).root
        } catch { throw .malformedJSON(error) }
        guard root.kind == .object else { throw .malformedLines }
        return root
    }

    /// `{"delete": {"_index": "a", "_id": "1"}}`, and for the others a line with the source.
    private mutating func action() throws(WireError) -> Entry {
        let action = try object()
        guard action.count == 1, let (name, facts) = action.members.first(where: { _ in true }), facts.kind == .object
        else { throw .malformedLines }
        guard let index = try text(facts["_index"]) ?? index else { throw .malformedLines }
        let id = try text(facts["_id"])
        switch (name, id) {
        case ("delete", let id?): return Entry(method: "DELETE", segments: [index, "_doc", id], body: nil)
        case ("index", let id?): return Entry(method: "PUT", segments: [index, "_doc", id], body: try source())
        case ("create", let id?): return Entry(method: "PUT", segments: [index, "_create", id], body: try source())
        case ("update", let id?): return Entry(method: "POST", segments: [index, "_update", id], body: try source())
        case ("index", nil), ("create", nil):
            return Entry(method: "POST", segments: [index, "_doc"], body: try source())
        default: throw .malformedLines
        }
    }

    /// `{"index": "a"}` and a line with the search.
    private mutating func search() throws(WireError) -> Entry {
        let header = try object()
        var names: [Text] = []
        for node in [header["index"], header["indices"]].compactMap({ $0 }) {
            for node in node.kind == .array ? Array(node.elements) : [node] {
                guard let name = node.text else { throw .malformedLines }
                names.append(name)
            }
        }
        let index = names.isEmpty ? index : Text(names.map(\.string).joined(separator: ","))
        return Entry(method: "POST", segments: index.map { [$0, "_search"] } ?? ["_search"], body: try source())
    }

    private mutating func source() throws(WireError) -> [UInt8] { Array(try object().spelling) }

    private func text(_ node: JSONNode?) throws(WireError) -> Text? {
        guard let node, !node.isNull else { return nil }
        guard let text = node.text ?? node.number, !text.isEmpty else { throw .malformedLines }
        return text
    }
}
