import Calls
import JSON

/// Requests that ask the upstream, beside the start line, to take another method.
enum MethodOverride {
    /// The method that is judged and sent. Google's APIs honour an override of POST, so such a call is the overriding
    /// method's own; everywhere else the start line says it, and an override is refused.
    static func resolved(_ method: Text, for host: Text, _ fields: Fields, isSigned: Bool) -> Text {
        guard method == "POST", let value = fields.first("x-http-method-override"), !isSigned,
            host == "googleapis.com" || host.hasSuffix(".googleapis.com")
        else { return method }
        return (["DELETE", "PATCH", "PUT"] as [Text]).first { names($0.bytes, in: value) } ?? method
    }

    /// Whether an override names the very method of the start line, however spelled or padded.
    static func names(_ method: [UInt8], in value: some Sequence<UInt8>) -> Bool {
        value.filter { $0 > 0x20 }.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 } == method
    }

    /// Refuses a `_method` in query, form or JSON that is not the method of the start line.
    static func check(_ method: Text, _ query: [Parameter], _ document: Document) throws(WireError) {
        try check(method, query)
        if let parameters = document.parameters { try check(method, parameters) }
        if case .json(let json) = document, let value = json.root["_method"]?.text {
            try check(method, [Parameter("_method", value)])
        }
    }

    private static func check(_ method: Text, _ parameters: [Parameter]) throws(WireError) {
        for parameter in parameters where parameter.name == "_method" {
            guard names(method.bytes, in: parameter.value.utf8) else { throw .methodOverride }
        }
    }
}
