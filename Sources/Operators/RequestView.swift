import Calls
import JSON

/// The call itself, decoded: what would be sent, readable, without its secrets.
package struct RequestView: Hashable, Sendable {
    /// Bytes shown of one value.
    static let valueLimit = 2000
    /// Bytes shown of one key in the path of a row.
    static let keyLimit = 200
    /// Rows shown of one body, query or head.
    static let rowLimit = 200
    /// Bytes shown of a body that is text and nothing else is known of it.
    static let textLimit = 4000

    /// A name and its value.
    package struct Row: Hashable, Sendable {
        package let name: String
        package let value: String
        /// `string`, `number`, `bool`, `null`, or an empty `array` or `object`: text and number differ upstream.
        /// `redacted` where the value is not shown.
        package let kind: String
    }

    /// Rows as far as they are shown, and how many there are.
    package struct Rows: Hashable, Sendable {
        package var shown: [Row] = []
        package var total = 0

        mutating func append(_ row: @autoclosure () -> Row) {
            total += 1
            if shown.count < RequestView.rowLimit { shown.append(row()) }
        }
    }

    package enum Body: Hashable, Sendable {
        case none
        /// Decoded: JSON or form fields.
        case rows(Rows, format: String, bytes: UInt64)
        /// Text that no reader knows more about.
        case text(String, bytes: UInt64)
        /// Not readable; the reason in a few words.
        case opaque(String, bytes: UInt64)
    }

    package let method: String
    /// Scheme, host and path as sent.
    package let url: String
    package let query: Rows
    package let fields: Rows
    package let body: Body
}

extension RequestView {
    init(_ call: Call) {
        method = VisibleText.show(call.method.string)
        let path = String(call.target.spelling.string.prefix { $0 != "?" })
        let host = call.target.authority.hostField(for: call.target.scheme)
        url = VisibleText.show("\(call.target.scheme.rawValue)://\(host)\(path)", limit: RequestView.valueLimit)
        query = Rows(call.target.query, isInBody: false)
        fields = Rows(call.fields)
        body = Body(call)
    }
}

extension RequestView.Rows {
    init(_ parameters: [Parameter], isInBody: Bool) {
        for parameter in parameters {
            append(RequestView.Row(parameter.name, text: parameter.value.utf8, isInBody: isInBody))
        }
    }

    init(_ fields: Fields) {
        for index in 0..<fields.count {
            let name = Text(String(decoding: fields.name(at: index), as: UTF8.self))
            append(RequestView.Row(name, text: fields.value(at: index), isInBody: false))
        }
    }
}

extension RequestView.Row {
    /// A row whose value is text, or the note that it is a secret.
    init(_ name: Text, text: some Collection<UInt8>, isInBody: Bool) {
        self.name = VisibleText.show(name.string, limit: RequestView.valueLimit)
        let isSecret = SecretNames.hides(name, isInBody: isInBody)
        value = isSecret ? SecretNames.note(text.count) : VisibleText.show(text, limit: RequestView.valueLimit)
        kind = isSecret ? Self.redacted : "string"
    }

    fileprivate static let redacted = "redacted"
}

extension RequestView.Body {
    init(_ call: Call) {
        let bytes = call.body.length ?? 0
        switch call.document {
        case .none:
            self = .none
        case .json(let document):
            var rows = RequestView.Rows()
            rows.append(document.root, at: "", isSecret: false)
            self = .rows(rows, format: "json", bytes: bytes)
        case .form(let parameters):
            self = .rows(RequestView.Rows(parameters, isInBody: true), format: "form", bytes: bytes)
        case .multipart(let parts):
            var rows = RequestView.Rows()
            for part in parts { rows.append(part) }
            self = .rows(rows, format: "form", bytes: bytes)
        case .opaque(let reason):
            self.init(opaque: call.body, bytes: bytes, reason: reason)
        }
    }

    private init(opaque body: Calls.Body, bytes: UInt64, reason: String) {
        switch body {
        case .none: self = .none
        case .bytes(let content):
            if let text = String(validating: content, as: UTF8.self), !text.utf8.contains(0) {
                self = .text(VisibleText.show(text, limit: RequestView.textLimit), bytes: bytes)
            } else {
                self = .opaque(VisibleText.show(reason), bytes: bytes)
            }
        case .spooled, .streamed: self = .opaque(VisibleText.show(reason), bytes: bytes)
        }
    }
}

extension RequestView.Rows {
    /// A field with its text; of a file its name and size.
    fileprivate mutating func append(_ part: FormPart) {
        switch part.content {
        case .text(let text): append(RequestView.Row(part.name, text: text.utf8, isInBody: true))
        case .json(let document):
            append(document.root, at: part.name.string, isSecret: SecretNames.hides(part.name, isInBody: true))
        case .bytes(let count):
            let file = part.fileName.map { "file \($0), " } ?? ""
            append(RequestView.Row(part.name, text: "\(file)\(count) bytes".utf8, isInBody: true))
        }
    }

    /// One row for every value that is not itself made of values: `items[0].price`.
    ///
    /// Recursion ends at the parser's limit of depth. A secret's name hides everything under it.
    fileprivate mutating func append(_ node: JSONNode, at path: String, isSecret: Bool) {
        switch node.kind {
        case .object where node.count > 0:
            for (key, value) in node.members {
                append(
                    value, at: Self.path(path, key), isSecret: isSecret || SecretNames.hides(key, isInBody: true))
            }
        case .array where node.count > 0:
            for (index, value) in node.elements.enumerated() {
                append(value, at: "\(path)[\(index)]", isSecret: isSecret)
            }
        case .null, .bool, .number, .string, .object, .array:
            append(Self.row(node, at: path, isSecret: isSecret))
        }
    }

    private static func row(_ node: JSONNode, at path: String, isSecret: Bool) -> RequestView.Row {
        let content = node.text.map { Array($0.utf8) } ?? Array(node.spelling)
        guard !isSecret else {
            return RequestView.Row(
                name: path, value: SecretNames.note(content.count), kind: RequestView.Row.redacted)
        }
        let value = VisibleText.show(content, limit: RequestView.valueLimit)
        return RequestView.Row(name: path, value: value, kind: node.kind.word)
    }

    /// A key that could be mistaken for a path is quoted.
    private static func path(_ parent: String, _ key: Text) -> String {
        let name = VisibleText.show(key.string, limit: RequestView.keyLimit)
        let isPlain = !key.isEmpty && !key.utf8.contains { "./[]\" ".utf8.contains($0) }
        guard isPlain else { return "\(parent)[\"\(name)\"]" }
        return parent.isEmpty ? name : "\(parent).\(name)"
    }
}

extension JSONNode.Kind {
    fileprivate var word: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
