import Calls
import JSON

/// The body of an edit: a JSON Patch, values by their paths, fields of a form, header fields; at least one of them.
///
///     {"patch": [{"op": "replace", "path": "/amount", "value": 1500}], "set": {"items[0].price": "1500"},
///      "form": [{"name": "amount", "place": 0, "value": "1500"}], "headers": {"prefer": null}}
enum EditOrder {
    static let members = ["patch", "set", "form", "headers"]

    static func read(_ root: JSONNode) throws(OperatorProblem) -> CallEdit {
        var edit = CallEdit()
        if let node = root["patch"] {
            do throws(JSONPatchFailure) {
                edit.patch = try JSONPatch(node)
            } catch {
                throw .wrongMember("patch", expected: "a JSON Patch (RFC 6902); \(error)")
            }
        }
        for (name, value) in try texts("set", root) {
            guard let value else { throw .wrongMember("set", expected: "an object of texts") }
            edit.values.append((name, value))
        }
        edit.headers = try texts("headers", root)
        edit.form = try form(root["form"])
        guard edit.patch != nil || !edit.values.isEmpty || !edit.headers.isEmpty || !edit.form.isEmpty else {
            throw .missingMember("patch", meaning: "or set, form or headers: what is to change")
        }
        return edit
    }

    /// Texts by name; null where something is to go.
    private static func texts(
        _ name: String, _ root: JSONNode
    ) throws(OperatorProblem) -> [(name: String, value: String?)] {
        guard let node = root[Text(name)] else { return [] }
        guard node.kind == .object, node.members.allSatisfy({ $0.value.isNull || $0.value.text != nil }) else {
            throw .wrongMember(name, expected: "an object of texts")
        }
        return node.members.map { ($0.key.string, $0.value.text?.string) }
    }

    private static func form(_ node: JSONNode?) throws(OperatorProblem) -> [FormEdit] {
        guard let node else { return [] }
        let expected = "an array of {\"name\": text, \"place\": number, \"value\": text or null}"
        guard node.kind == .array else { throw .wrongMember("form", expected: expected) }
        return try node.elements.map { element throws(OperatorProblem) in
            guard let name = element["name"]?.text, let value = element["value"], value.isNull || value.text != nil,
                element.members.allSatisfy({ ["name", "place", "value"].contains($0.key) }),
                let place = element["place"].map(\.integer) ?? 0
            else { throw .wrongMember("form", expected: expected) }
            return FormEdit(name, place: Int(clamping: place), to: value.text)
        }
    }
}

extension CallEdit {
    /// The body of an order, for the client.
    func write(into json: inout JSONWriter.Object) {
        if let patch {
            json.array("patch") { array in for step in patch.steps { array.object { step.write(into: &$0) } } }
        }
        if !values.isEmpty {
            json.object("set") { object in
                for (path, text) in values { object.raw(named: path, JSONWriter.string(text)) }
            }
        }
        if !form.isEmpty {
            json.array("form") { array in
                for field in form {
                    array.object {
                        $0.field("name", field.name)
                        $0.field("place", field.place)
                        $0.field("value", field.value)
                    }
                }
            }
        }
        guard !headers.isEmpty else { return }
        json.object("headers") { object in
            for (name, value) in headers {
                object.raw(named: name, value.map(JSONWriter.string) ?? Array("null".utf8))
            }
        }
    }
}

extension JSONPatch.Step {
    fileprivate func write(into json: inout JSONWriter.Object) {
        switch self {
        case .add(let path, let value): write("add", path, nil, value, &json)
        case .remove(let path): write("remove", path, nil, nil, &json)
        case .replace(let path, let value): write("replace", path, nil, value, &json)
        case .move(let from, let path): write("move", path, from, nil, &json)
        case .copy(let from, let path): write("copy", path, from, nil, &json)
        case .test(let path, let value): write("test", path, nil, value, &json)
        }
    }

    private func write(
        _ name: String, _ path: JSONPointer, _ from: JSONPointer?, _ value: [UInt8]?, _ json: inout JSONWriter.Object
    ) {
        json.field("op", name)
        if let from { json.field("from", from.description) }
        json.field("path", path.description)
        if let value { json.raw("value", value) }
    }
}
