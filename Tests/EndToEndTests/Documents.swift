import Foundation
import JSON
import Testing

/// JSON that a program printed, as tests ask it.
struct Document {
    let node: JSONNode?

    init(_ node: JSONNode?) { self.node = node }

    init(_ text: String) throws { node = try JSONDocument.parse(Array(text.utf8)).root }

    subscript(_ key: String) -> Document { Document(node?[Text(key)]) }
    subscript(_ index: Int) -> Document { Document(node?[index]) }

    var string: String? { node?.text?.string }
    var integer: Int? { node?.integer.map { Int($0) } }
    var bool: Bool? { node?.bool }
    var elements: [Document] { node.map { $0.elements.map(Document.init) } ?? [] }

    /// Keys and values of an object.
    var members: [(String, Document)] { node.map { $0.members.map { ($0.key.string, Document($0.value)) } } ?? [] }

    /// The value of a name in a list of pairs, as upstreams note fields.
    func field(_ name: String) -> String? { elements.first { $0[0].string == name }?[1].string }
}

/// Every line of a file of JSON lines.
func documents(in data: Data) throws -> [Document] {
    try String(decoding: data, as: UTF8.self).split(separator: "\n").map { try Document(String($0)) }
}
