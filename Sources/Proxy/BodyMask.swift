import Calls
import JSON

/// Makes of a body what a recording may have of it.
struct BodyMask {
    let mask: CallMask
    let text: TextMask

    /// The body that is kept, and the content type that says so where it is another one than the call's.
    func masked(_ call: Call, limit: Int) -> (body: [UInt8], content: RecordedCall.Content, type: String?) {
        guard case .bytes(let raw) = call.body else {
            let isThere = call.body.length != 0
            return ([], isThere ? .withheld(length: call.body.length ?? 0) : .none, nil)
        }
        let withheld = ([] as [UInt8], RecordedCall.Content.withheld(length: UInt64(raw.count)), nil as String?)
        guard raw.count <= limit else { return withheld }
        let isPacked = call.fields.contains(.contentEncoding)
        switch call.document {
        // Nothing came out of what was packed.
        case .none: return ([], .none, nil)
        case .json(let document):
            guard document.bytes.count <= limit else { return withheld }
            if !isPacked, document.bytes.count != raw.count {
                // Google's uploads: what the file is, and the file, which no rule looks into.
                let type = "multipart/related; boundary=\(Self.boundary)"
                return checked(call, related(document), type) ?? withheld
            }
            let body = json(document)
            // The structure is left alone, so that it is read back the same.
            return call.isPlain && !isPacked ? (body, .kept, nil) : checked(call, body, nil) ?? withheld
        case .form(let parameters):
            guard isPacked || hasSecrets(parameters) else { return (text.masked(raw[...]), .kept, nil) }
            return (form(parameters), .kept, nil)
        case .multipart(let parts):
            let type = "multipart/form-data; boundary=\(Self.boundary)"
            return checked(call, multipart(parts), type) ?? withheld
        case .opaque: break
        }
        return checked(call, opaque(call, raw, isPacked: isPacked), nil) ?? withheld
    }

    /// What is kept must be read as what was judged; where it is not, nothing is kept.
    private func checked(
        _ call: Call, _ body: [UInt8]?, _ type: String?
    ) -> (body: [UInt8], content: RecordedCall.Content, type: String?)? {
        guard let body, !body.isEmpty else { return nil }
        var fields = call.fields
        fields.remove("content-encoding")
        if let type { fields.set("Content-Type", type) }
        guard let again = try? CallShape.read(call, fields, body), CallShape(again) == CallShape(call) else {
            return nil
        }
        return (body, .kept, type)
    }

    // MARK: JSON

    /// The document with other texts where secrets stood; numbers under a secret's name become 0.
    private func json(_ document: JSONDocument) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(document.bytes.count + 64)
        var copied = 0
        func replace(_ span: Range<Int>, by bytes: [UInt8]) {
            out += document.bytes[copied..<span.lowerBound]
            out += bytes
            copied = span.upperBound
        }
        func walk(_ node: JSONNode, isSecret: Bool) {
            switch node.kind {
            case .object:
                for (key, value) in node.members {
                    walk(value, isSecret: isSecret || SecretNames.hides(key, isInBody: true))
                }
            case .array: for element in node.elements { walk(element, isSecret: isSecret) }
            case .string:
                let inner = node.spelling.dropFirst().dropLast()
                guard !inner.isEmpty else { return }
                if isSecret {
                    replace(node.span, by: [0x22] + text.placeholder.bytes(for: inner) + [0x22])
                } else if let other = changed(inner) {
                    replace(node.span, by: [0x22] + other + [0x22])
                }
            case .number where isSecret: replace(node.span, by: [0x30])
            case .null, .bool, .number: return
            }
        }
        walk(document.root, isSecret: false)
        return out + document.bytes[copied...]
    }

    /// Nil where there is nothing to take out, as in nearly every text.
    private func changed(_ content: ArraySlice<UInt8>) -> [UInt8]? {
        guard content.count >= SecretPlaceholder.shortest else { return nil }
        let other = text.masked(content)
        return other.elementsEqual(content) ? nil : other
    }

    // MARK: Forms

    private func hasSecrets(_ parameters: [Parameter]) -> Bool {
        parameters.contains { SecretNames.hides($0.name, isInBody: true) }
    }

    private func form(_ parameters: [Parameter]) -> [UInt8] {
        var out: [UInt8] = []
        var secrets: [ArraySlice<UInt8>] = []
        for parameter in parameters {
            if !out.isEmpty { out.append(0x26) }
            out += FormText.encoded(parameter.name.utf8)
            out.append(0x3D)
            out += FormText.encoded(mask.value(of: parameter, isInBody: true, &secrets))
        }
        return out
    }

    private static let boundary = "tiergate-recording"

    /// The same parts; of a file, which rules cannot look into, one byte.
    private func multipart(_ parts: [FormPart]) -> [UInt8] {
        var out: [UInt8] = []
        var secrets: [ArraySlice<UInt8>] = []
        for part in parts {
            var head = "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\""
            if let file = part.fileName { head += "; filename=\"\(file)\"" }
            if let type = part.type { head += "\r\nContent-Type: \(type)" }
            out += Array((head + "\r\n\r\n").utf8)
            switch part.content {
            case .text(let value):
                out += mask.value(of: Parameter(part.name, value), isInBody: true, &secrets)
            case .json(let document): out += json(document)
            case .bytes(let count): out += count > 0 ? [0x78] : []
            }
            out += Array("\r\n".utf8)
        }
        return out + Array("--\(Self.boundary)--\r\n".utf8)
    }

    private func related(_ document: JSONDocument) -> [UInt8] {
        let parts = [("application/json", json(document)), ("application/octet-stream", [0x78])]
        return parts.flatMap { type, content in
            Array("--\(Self.boundary)\r\nContent-Type: \(type)\r\n\r\n".utf8) + content + [0x0D, 0x0A]
        } + Array("--\(Self.boundary)--\r\n".utf8)
    }

    // MARK: What has no document

    /// Where operations were found in it (a batch, lines, a GraphQL document) the text without its secrets; elsewhere a
    /// byte that stands for it, because no rule can look at more.
    private func opaque(_ call: Call, _ raw: [UInt8], isPacked: Bool) -> [UInt8]? {
        let isBare = call.operations.allSatisfy {
            switch $0 {
            case .http, .unreadable: true
            default: false
            }
        }
        // The path says what a gRPC call is; of its messages only whether they are compressed.
        if case .grpc? = call.operations.first, !isPacked { return [raw.first.map { $0 & 1 } ?? 0, 0, 0, 0, 0] }
        if isBare {
            let first = raw.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
            return [first.flatMap { !isPacked && "{[<".utf8.contains($0) ? $0 : nil } ?? 0x78]
        }
        guard !isPacked, String(validating: raw, as: UTF8.self) != nil else { return nil }
        return lines(raw)
    }

    /// Line by line, because what stands in a line may be JSON or a field of a message.
    private func lines(_ raw: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for (number, line) in raw.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if number > 0 { out.append(0x0A) }
            let end = line.last == 0x0D ? [0x0D as UInt8] : []
            let content = Array(line.dropLast(end.count))
            if content.first == 0x7B, let document = try? JSONDocument.parse(content) {
                out += json(document)
            } else {
                out += text.masked(content[...])
            }
            out += end
        }
        return out
    }
}
