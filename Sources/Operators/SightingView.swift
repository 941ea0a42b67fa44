import Calls
import Holds
import JSON

/// What a held call is about to change, as it was looked at, beside what the call says of it.
package struct SightingView: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package let name: String
        /// Nil where the answer had none.
        package let before: String?
        /// What the call's own body has under the same name; nil where it has nothing.
        package let after: String?
    }

    package let path: String
    package let fields: [Field]
    /// Why nothing was seen.
    package let failure: String?
}

extension SightingView {
    init(_ sighting: Sighting, _ request: RequestView) {
        path = VisibleText.show(sighting.path, limit: RequestView.valueLimit)
        failure = sighting.failure.map { VisibleText.show($0, limit: RequestView.valueLimit) }
        let rows = request.body.rowsByName
        fields = sighting.fields.map { field in
            let isSecret = SecretNames.hides(Text(field.name), isInBody: true)
            let value = field.value.map { value in
                isSecret
                    ? SecretNames.note(value.utf8.count) : VisibleText.show(value, limit: RequestView.valueLimit)
            }
            return Field(name: VisibleText.show(field.name), before: value, after: rows[field.name])
        }
    }

    func write(into json: inout JSONWriter.Object) {
        json.field("path", path)
        json.field("failure", failure)
        json.array("fields") { array in
            for field in fields {
                array.object {
                    $0.field("name", field.name)
                    $0.field("before", field.before)
                    $0.field("after", field.after)
                }
            }
        }
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        path = try json.string("path")
        failure = try json.stringIfAny("failure")
        fields = try json.objects("fields") { field throws(JSONReader.Mismatch) in
            Field(
                name: try field.string("name"), before: try field.stringIfAny("before"),
                after: try field.stringIfAny("after"))
        }
    }
}

extension RequestView.Body {
    /// Values of the body by the paths that screens show, spelled as JSON where they are JSON.
    fileprivate var rowsByName: [String: String] {
        guard case .rows(let rows, let format, _) = self else { return [:] }
        return Dictionary(
            rows.shown.map { ($0.name, format == "json" && $0.kind == "string" ? "\"\($0.value)\"" : $0.value) }
        ) { first, _ in first }
    }
}
