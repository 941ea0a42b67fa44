import JSON

extension RequestView {
    func write(into json: inout JSONWriter.Object) {
        json.field("method", method)
        json.field("url", url)
        json.object("query", query.write)
        json.object("fields", fields.write)
        json.object("body", body.write)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        method = try json.string("method")
        url = try json.string("url")
        query = try json.object("query", Rows.init)
        fields = try json.object("fields", Rows.init)
        body = try json.object("body", Body.init)
    }
}

extension RequestView.Rows {
    fileprivate func write(into json: inout JSONWriter.Object) {
        json.array("rows") { array in
            for row in shown {
                array.object {
                    $0.field("name", row.name)
                    $0.field("value", row.value)
                    $0.field("kind", row.kind)
                }
            }
        }
        json.field("total", total)
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        shown = try json.objects("rows") { row throws(JSONReader.Mismatch) in
            RequestView.Row(
                name: try row.string("name"), value: try row.string("value"), kind: try row.string("kind"))
        }
        total = try json.count("total")
    }
}

extension RequestView.Body {
    /// The member `format` says which form it has.
    private enum Format {
        static let none = "none"
        static let text = "text"
        static let binary = "binary"
    }

    fileprivate func write(into json: inout JSONWriter.Object) {
        switch self {
        case .none:
            json.field("format", Format.none)
            json.field("bytes", 0)
        case .rows(let rows, let format, let bytes):
            json.field("format", format)
            json.field("bytes", bytes)
            rows.write(into: &json)
        case .text(let text, let bytes):
            json.field("format", Format.text)
            json.field("bytes", bytes)
            json.field("text", text)
        case .opaque(let reason, let bytes):
            json.field("format", Format.binary)
            json.field("bytes", bytes)
            json.field("reason", reason)
        }
    }

    fileprivate init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        let bytes = UInt64(try json.count("bytes"))
        switch try json.string("format") {
        case Format.none: self = .none
        case Format.text: self = .text(try json.string("text"), bytes: bytes)
        case Format.binary: self = .opaque(try json.string("reason"), bytes: bytes)
        case let format: self = .rows(try RequestView.Rows(json), format: format, bytes: bytes)
        }
    }
}
