package import Calls
import JSON

/// A held call's body as a person changes it in an editor: JSON with a value a line, or a form with a field a line.
///
/// Secrets stand there as a note, and what a screen would hide or act on is escaped; what is left as it was is not changed.
package struct Draft: Hashable, Sendable {
    package enum Format: String, Sendable {
        case json, form
    }

    /// Bytes of a draft; a larger body is changed with a JSON Patch.
    package static let limit = 256 << 10

    package let format: Format
    package let text: String

    package init(format: Format, text: String) {
        self.format = format
        self.text = text
    }

    init(_ call: Call) throws(CallEditFailure) {
        if let cover = BodySignature.covering(call) {
            throw CallEditFailure("\(cover) covers what would be changed; only its agent can sign another call")
        }
        switch call.document {
        case .json(let document):
            var bytes: [UInt8] = []
            Self.write(document.root, indent: 0, isSecret: false, into: &bytes)
            format = .json
            text = String(decoding: bytes, as: UTF8.self) + "\n"
        case .form(let parameters):
            format = .form
            text = parameters.map { parameter in
                let isSecret = SecretNames.hides(parameter.name, isInBody: true)
                let value = isSecret ? SecretNames.note(parameter.value.utf8.count) : Self.escaped(parameter.value)
                return "\(Self.escaped(parameter.name, also: "="))=\(value)\n"
            }.joined()
        case .none: throw CallEditFailure("it has no body to be opened in an editor")
        case .multipart: throw CallEditFailure("its body is multipart, which is not put together anew here")
        case .opaque(let reason): throw CallEditFailure("its body has no reading here (\(reason))")
        }
        guard text.utf8.count <= Self.limit else {
            throw CallEditFailure("its body is too long for an editor; use --set or --patch")
        }
    }

    // MARK: Back

    /// What the person made of it.
    package func edit(to changed: String) throws(CallEditFailure) -> CallEdit {
        let edit =
            switch format {
            case .json: CallEdit(patch: try jsonPatch(to: changed))
            case .form: CallEdit(form: try formEdits(to: changed))
            }
        return edit
    }

    private func jsonPatch(to changed: String) throws(CallEditFailure) -> JSONPatch {
        let before = try Self.parse(text)
        let after = try Self.parse(changed)
        do throws(JSONPatchFailure) {
            let patch = try JSONPatch.between(before.root, after.root)
            for case .add(_, let value) in patch.steps { try Self.refuseNotes(value) }
            for case .replace(_, let value) in patch.steps { try Self.refuseNotes(value) }
            return patch
        } catch {
            throw CallEditFailure("\(error.reason)")
        }
    }

    private static func parse(_ text: String) throws(CallEditFailure) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument.parse(Array(text.utf8))
        } catch {
            throw CallEditFailure("what was written is not JSON with one reading: \(error)")
        }
    }

    /// The note in a secret's place is not the secret.
    private static func refuseNotes(_ value: [UInt8]) throws(JSONPatchFailure) {
        guard !String(decoding: value, as: UTF8.self).contains("⟨redacted") else {
            throw JSONPatchFailure.note
        }
    }

    private func formEdits(to changed: String) throws(CallEditFailure) -> [FormEdit] {
        let (before, after) = (try Self.fields(text), try Self.fields(changed))
        var edits: [FormEdit] = []
        var seen: Set<Text> = []
        for name in (before + after).map(\.name) where seen.insert(name).inserted {
            let old = before.filter { $0.name == name }.map(\.value)
            let new = after.filter { $0.name == name }.map(\.value)
            for (place, value) in new.enumerated() where place >= old.count || old[place] != value {
                guard !value.string.contains("⟨redacted") else { throw CallEditFailure(JSONPatchFailure.note.reason) }
                edits.append(FormEdit(name, place: place, to: value))
            }
            for place in stride(from: old.count - 1, through: new.count, by: -1) {
                edits.append(FormEdit(name, place: place, to: nil))
            }
        }
        return edits
    }

    private static func fields(_ text: String) throws(CallEditFailure) -> [Parameter] {
        try text.split(separator: "\n").map { line throws(CallEditFailure) in
            var parts = [String](repeating: "", count: 2)
            var part = 0
            var rest = line[...]
            while let character = rest.unicodeScalars.popFirst() {
                if character == "=", part == 0 {
                    part = 1
                } else if character == "\\" {
                    parts[part].unicodeScalars.append(try unescaped(&rest, line))
                } else {
                    parts[part].unicodeScalars.append(character)
                }
            }
            guard part == 1 else { throw CallEditFailure("the line \(visible(String(line))) has no =") }
            return Parameter(Text(parts[0]), Text(parts[1]))
        }
    }

    private static func unescaped(_ rest: inout Substring, _ line: Substring) throws(CallEditFailure) -> Unicode.Scalar
    {
        switch rest.unicodeScalars.popFirst() {
        case "\\": return "\\"
        case "=": return "="
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let digits = rest.drop { $0 == "{" }.prefix { $0 != "}" }
            rest = rest.dropFirst(digits.count + 2)
            if let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) { return scalar }
        default: break
        }
        throw CallEditFailure("the line \(visible(String(line))) has an escape that means nothing: \\\\ is a backslash")
    }

    // MARK: As it is shown

    private static func escaped(_ text: Text, also mark: Unicode.Scalar? = nil) -> String {
        var shown = ""
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case "\\": shown += "\\\\"
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            case mark: shown += "\\" + String(scalar)
            default: shown += scalar.isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return shown
    }

    private static func write(_ node: JSONNode, indent: Int, isSecret: Bool, into bytes: inout [UInt8]) {
        func line(_ depth: Int) {
            bytes.append(0x0A)
            bytes += [UInt8](repeating: 0x20, count: 2 * depth)
        }
        switch node.kind {
        case .object where node.count > 0:
            bytes.append(0x7B)
            for (place, member) in node.members.enumerated() {
                if place > 0 { bytes.append(0x2C) }
                line(indent + 1)
                bytes += Array((quoted(member.key) + ": ").utf8)
                write(
                    member.value, indent: indent + 1,
                    isSecret: isSecret || SecretNames.hides(member.key, isInBody: true), into: &bytes)
            }
            line(indent)
            bytes.append(0x7D)
        case .array where node.count > 0:
            bytes.append(0x5B)
            for (place, element) in node.elements.enumerated() {
                if place > 0 { bytes.append(0x2C) }
                line(indent + 1)
                write(element, indent: indent + 1, isSecret: isSecret, into: &bytes)
            }
            line(indent)
            bytes.append(0x5D)
        case .null, .bool, .number, .string, .array, .object:
            if isSecret {
                bytes += Array("\"\(SecretNames.note(node.text?.utf8.count ?? node.spelling.count))\"".utf8)
            } else if let text = node.text {
                bytes += Array(quoted(text).utf8)
            } else {
                bytes += node.spelling.filter { $0 > 0x20 }
            }
        }
    }

    /// With what an editor would hide or turn around as an escape.
    private static func quoted(_ text: Text) -> String {
        String(decoding: JSONWriter.string(text.string), as: UTF8.self).unicodeScalars.map { scalar in
            if scalar.isPlain { return String(scalar) }
            return scalar.utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }.joined()
    }
}

extension JSONPatchFailure {
    fileprivate static let note = JSONPatchFailure(
        "a note stands in a secret's place (⟨redacted…⟩), and is not the secret: leave it where it was, or write another value"
    )
}

extension Draft {
    func write(into json: inout JSONWriter.Object) {
        json.field("format", format.rawValue)
        json.field("text", text)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        guard let format = Format(rawValue: try json.string("format")) else { throw json.mismatch("format") }
        self.format = format
        text = try json.string("text")
    }
}
