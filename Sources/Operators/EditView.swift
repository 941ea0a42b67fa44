import Calls
import Holds
import JSON

/// A change that somebody made to a held call.
package struct EditView: Hashable, Sendable {
    package let by: String
    package let at: String
    /// A line each: `amount: 2500 → 1500`.
    package let changes: [String]

    init(_ edit: Deliberation.Edit) {
        by = edit.by.name
        at = edit.at.description
        changes = edit.changes
    }

    func write(into json: inout JSONWriter.Object) {
        json.field("by", by)
        json.field("at", at)
        json.array("changes", changes)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        by = try json.string("by")
        at = try json.string("at")
        changes = try json.strings("changes")
    }
}
