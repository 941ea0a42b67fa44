import Calls
import JSON

/// Requests that ask the upstream, beside the start line, to take another method.
enum MethodOverride {
    static let fieldNames = ["x-http-method-override", "x-method-override", "x-http-method"]

    /// The method that is judged and sent. Google's APIs honour an override of POST, so such a call is the overriding
    /// method's own; everywhere else the start line says it, and an override is refused.
    static func resolved(_ method: Text, for host: Text, _ fields: Fields, isSigned: Bool) -> Text {
        guard method == "POST", host == "googleapis.com" || host.hasSuffix(".googleapis.com"), !isSigned,
            let value = fields.first("x-http-method-override")
        else { return method }
        return (["DELETE", "PATCH", "PUT"] as [Text]).first { names($0.bytes, in: value) } ?? method
    }

    /// Whether an override names the very method of the start line, however spelled or padded.
    static func names(_ method: [UInt8], in value: some Sequence<UInt8>) -> Bool {
        let word = value.filter { $0 > 0x20 }.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
        return word == method
    }

    /// Refuses a `_method` in query, form or JSON that is not the method of the start line.
    static func check(_ method: Text, _ query: [Parameter], _ document: Document) throws(WireError) {
        var values = query.filter { $0.name == "_method" }.map(\.value)
        switch document {
        case .form(let form): values += form.filter { $0.name == "_method" }.map(\.value)
        case .json(let json): if let value = json.root["_method"]?.text { values.append(value) }
        case .none, .opaque: break
        }
        let method = method.bytes
        for value in values where !names(method, in: value.utf8) { throw .methodOverride }
    }
}
