package import JSON

/// What a person changes about a held call before it is let go.
///
/// Arguments of MCP tools and variables of GraphQL are values inside a JSON body, and are changed as such.
package struct CallEdit: Sendable {
    /// Over a JSON body.
    package var patch: JSONPatch?
    /// Values that are there, by the paths that screens show.
    package var values: [(path: String, text: String)]
    /// Over a form.
    package var form: [FormEdit]
    /// Nil takes a field away.
    package var headers: [(name: String, value: String?)]

    package init(
        patch: JSONPatch? = nil, values: [(path: String, text: String)] = [], form: [FormEdit] = [],
        headers: [(name: String, value: String?)] = []
    ) {
        self.patch = patch
        self.values = values
        self.form = form
        self.headers = headers
    }

    /// Header fields that may be changed: what they say is about the answer, or a condition. Never who asks, for whom, how
    /// the message is framed, or what makes two calls one.
    package static let headers = [
        "accept", "accept-language", "content-language", "if-match", "if-modified-since", "if-none-match",
        "if-unmodified-since", "prefer",
    ]
    /// Bytes of a header field's value.
    package static let longestHeader = 1024

    /// The call with the change in it; the gate reads what it makes again before anybody sees it.
    package func apply(to call: Call) throws(CallEditFailure) -> Call {
        if let cover = BodySignature.covering(call) {
            throw CallEditFailure("\(cover) covers what would be changed; only its agent can sign another call")
        }
        if case .spooled = call.body {
            throw CallEditFailure("its body was not read whole, and nobody has seen it all")
        }
        if case .streamed = call.body {
            throw CallEditFailure("its body was not read whole, and nobody has seen it all")
        }
        var (fields, body, document) = (call.fields, call.body, call.document)
        switch document {
        case .json(let json) where patch != nil || !values.isEmpty:
            guard form.isEmpty else { throw CallEditFailure(Self.unchangeable(document)) }
            let edited = try patched(json)
            document = .json(edited)
            body = .bytes(edited.bytes)
            // What was compressed is sent as it is read.
            fields.remove("Content-Encoding")
        case .form(let parameters) where !form.isEmpty || !values.isEmpty:
            guard patch == nil else { throw CallEditFailure("a JSON Patch is for JSON, and its body is a form") }
            guard case .bytes(let bytes) = body, !fields.contains("content-encoding") else {
                throw CallEditFailure("its form is compressed")
            }
            let edited = try FormEdit.apply(
                try set(parameters) + form, to: bytes, reading: parameters)
            document = .form(edited.parameters)
            body = .bytes(edited.body)
        case .none, .json, .form, .multipart, .opaque:
            guard patch == nil, values.isEmpty, form.isEmpty else { throw CallEditFailure(Self.unchangeable(document)) }
        }
        try setHeaders(in: &fields)
        return Call(
            id: call.id, session: call.session, method: call.method, target: call.target, fields: fields, body: body,
            document: document, operations: call.operations, principal: call.principal)
    }

    private static func unchangeable(_ document: Document) -> String {
        switch document {
        case .none: "it has no body"
        case .json: "its body is JSON, and has no form fields"
        case .form: "its body is a form"
        case .multipart: "its body is multipart, which is not put together anew here"
        case .opaque(let reason): "its body has no reading here (\(reason))"
        }
    }

    // MARK: JSON

    private func patched(_ document: JSONDocument) throws(CallEditFailure) -> JSONDocument {
        let patched = try applied(patch, to: document)
        let steps = try values.map { path, text throws(CallEditFailure) in try Self.step(path, text, patched) }
        let changes: JSONPatch
        do throws(JSONPatchFailure) {
            changes = try JSONPatch(steps)
        } catch {
            throw CallEditFailure("\(error)")
        }
        return try applied(changes, to: patched)
    }

    private func applied(_ patch: JSONPatch?, to document: JSONDocument) throws(CallEditFailure) -> JSONDocument {
        do throws(JSONPatchFailure) {
            return try patch?.apply(to: document) ?? document
        } catch {
            throw CallEditFailure("the patch does not apply: \(error)")
        }
    }

    /// Text stays text, whatever it looks like; anything else is what JSON makes of the words.
    private static func step(
        _ path: String, _ text: String, _ document: JSONDocument
    ) throws(CallEditFailure) -> JSONPatch.Step {
        guard let pointer = FieldPath.read(path) else {
            throw CallEditFailure("\(visible(path)) is no path as `tiergate show` spells them: items[0].price")
        }
        guard let there = document.root.value(at: pointer) else {
            throw CallEditFailure("its body has no \(visible(path)); a JSON Patch can add one")
        }
        if there.kind == .string { return .replace(pointer, JSONWriter.string(text)) }
        guard let value = try? JSONDocument.parse(Array(text.utf8)) else {
            throw CallEditFailure(
                "\(visible(path)) is no text, and what it should be is not JSON (text would be \"…\" in quotes)")
        }
        return .replace(pointer, Array(value.root.spelling))
    }

    // MARK: Forms and fields

    private func set(_ parameters: [Parameter]) throws(CallEditFailure) -> [FormEdit] {
        try values.map { path, text throws(CallEditFailure) in
            let count = parameters.count { $0.name == Text(path) }
            guard count == 1 else {
                throw CallEditFailure(
                    count == 0
                        ? "its form has no field \(visible(path))" : "its form has \(count) fields \(visible(path))")
            }
            return FormEdit(Text(path), to: Text(text))
        }
    }

    private func setHeaders(in fields: inout Fields) throws(CallEditFailure) {
        for (name, value) in headers {
            guard Self.headers.contains(Text(name).asciiLowercased.string) else {
                throw CallEditFailure(
                    "the header field \(visible(name)) is not one that is changed here; those are "
                        + Self.headers.joined(separator: ", "))
            }
            fields.remove(name)
            guard let value else { continue }
            guard value.utf8.count <= Self.longestHeader, value.utf8.allSatisfy({ $0 &- 0x20 < 0x5F }),
                value.utf8.first != 0x20, value.utf8.last != 0x20
            else {
                throw CallEditFailure(
                    "\(visible(name)) takes \(Self.longestHeader) characters of ASCII at most, in one line")
            }
            fields.append(name, value)
        }
    }
}

/// Why a call is not changed; a sentence that goes on after `it cannot be edited: `.
package struct CallEditFailure: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ reason: String) { description = reason }
}
