import Calls
import JSON

/// A document to import from, JSON or YAML, as one kind of tree with places for messages.
struct ImportSource {
    var yaml: YAMLReader
    private let bytes: [UInt8]

    /// Descriptions of large services have tens of megabytes.
    static let yamlLimits = YAMLLimits(bytes: 32 << 20, depth: 64, nodes: 4_000_000)
    static let jsonLimits = JSONLimits(depth: 64, values: 4_000_000, bytes: 64 << 20)

    init(_ source: RuleSource) {
        yaml = YAMLReader(source)
        bytes = source.bytes
    }

    var isBlank: Bool { bytes.allSatisfy { $0 <= 0x20 } }

    /// JSON where it begins like JSON: a reader of YAML refuses escapes that JSON has.
    mutating func document() -> YAMLNode? {
        let first = bytes.first { $0 > 0x20 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            return yaml.document(limits: Self.yamlLimits)
        }
        do throws(JSONError) {
            let document = try JSONDocument.parse(bytes, limits: Self.jsonLimits)
            var cursor = Cursor(bytes: bytes)
            return Self.node(document.root, &cursor)
        } catch {
            yaml.report(
                .notJSON, "the file is not JSON: \(error.reason.rawValue)", at: yaml.file.span(at: error.offset),
                help: "it begins like JSON and is read strictly; correct it here, or give the file as YAML")
            return nil
        }
    }

    private static func node(_ json: JSONNode, _ cursor: inout Cursor) -> YAMLNode {
        let span = cursor.span(at: json.span.lowerBound)
        switch json.kind {
        case .object:
            var members: [YAMLNode.Member] = []
            for (key, value) in json.members {
                let node = node(value, &cursor)
                members.append(YAMLNode.Member(key: key, keySpan: node.span, value: node))
            }
            return YAMLNode(content: .mapping(members), span: span)
        case .array:
            var elements: [YAMLNode] = []
            for element in json.elements { elements.append(node(element, &cursor)) }
            return YAMLNode(content: .sequence(elements), span: span)
        case .string: return YAMLNode(content: .scalar(json.text ?? "", isQuoted: true), span: span)
        case .null, .bool, .number:
            let text = Text(String(decoding: json.spelling, as: UTF8.self))
            return YAMLNode(content: .scalar(text, isQuoted: false), span: span)
        }
    }

    /// Goes through the bytes once, because values come in their order.
    private struct Cursor {
        let bytes: [UInt8]
        private var offset = 0
        private var line = 1
        private var column = 1

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func span(at target: Int) -> SourceSpan {
            while offset < min(target, bytes.count) {
                if bytes[offset] == 0x0A {
                    line += 1
                    column = 1
                } else if bytes[offset] & 0xC0 != 0x80 {
                    column += 1
                }
                offset += 1
            }
            return SourceSpan(line: line, column: column)
        }
    }
}

extension YAMLNode {
    subscript(key: Text) -> YAMLNode? { members.first { $0.key == key }?.value }

    var members: [Member] {
        guard case .mapping(let members) = content else { return [] }
        return members
    }

    var elements: [YAMLNode] {
        guard case .sequence(let elements) = content else { return [] }
        return elements
    }

    /// A scalar that says something.
    var text: String? {
        guard case .scalar(let text, let isQuoted) = content, isQuoted || !isNull, !text.isEmpty else { return nil }
        return text.string
    }

    var isMapping: Bool {
        guard case .mapping = content else { return false }
        return true
    }
}
