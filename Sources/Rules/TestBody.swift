import JSON

/// The bytes of a body that a test writes as YAML.
enum TestBody {
    /// `name=value&…`; a list repeats its name.
    static func form(_ members: [YAMLNode.Member]) -> [UInt8] {
        var pairs: [String] = []
        for member in members {
            let values: [YAMLNode] =
                if case .sequence(let nodes) = member.value.content { nodes } else { [member.value] }
            for case .scalar(let text, _) in values.map(\.content) {
                pairs.append("\(encoded(member.key))=\(encoded(text))")
            }
        }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// A scalar without quotes that JSON would read as a number, truth value or null is one.
    static func json(_ node: YAMLNode) -> [UInt8] {
        switch node.content {
        case .scalar(let text, let isQuoted):
            if !isQuoted, let document = try? JSONDocument.parse(text.bytes), isPlain(document.root.kind) {
                return text.bytes
            }
            return JSONWriter.string(text.string)
        case .sequence(let nodes):
            return JSONWriter.array { array in for node in nodes { array.raw(json(node)) } }
        case .mapping(let members):
            return JSONWriter.object { object in
                for member in members { object.raw(named: member.key.string, json(member.value)) }
            }
        }
    }

    private static func isPlain(_ kind: JSONNode.Kind) -> Bool {
        switch kind {
        case .null, .bool, .number: true
        case .string, .array, .object: false
        }
    }

    private static func encoded(_ text: Text) -> String {
        var result = ""
        for byte in text.utf8 {
            if (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (byte < 16 ? "0" : "") + digits
            }
        }
        return result
    }
}
