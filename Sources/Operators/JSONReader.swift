import JSON

/// Reads the members of one object by name and kind; what is otherwise than expected is named by its path.
struct JSONReader {
    /// A member that is not what it must be.
    struct Mismatch: Error, Hashable {
        let path: String
    }

    private let node: JSONNode
    private let path: String

    init(_ node: JSONNode, path: String = "") throws(Mismatch) {
        guard node.kind == .object else { throw Mismatch(path: path) }
        self.node = node
        self.path = path
    }

    func mismatch(_ name: String) -> Mismatch { Mismatch(path: "\(path)/\(name)") }

    func string(_ name: String) throws(Mismatch) -> String { try required(name, try stringIfAny(name)) }

    func stringIfAny(_ name: String) throws(Mismatch) -> String? {
        try read(name) { $0.text?.string }
    }

    func integer(_ name: String) throws(Mismatch) -> Int64 { try required(name, try integerIfAny(name)) }

    func integerIfAny(_ name: String) throws(Mismatch) -> Int64? { try read(name) { $0.integer } }

    /// A number of things: never negative.
    func count(_ name: String) throws(Mismatch) -> Int { try required(name, try countIfAny(name)) }

    func countIfAny(_ name: String) throws(Mismatch) -> Int? {
        try read(name) { $0.integer.flatMap(Int.init(exactly:)).flatMap { $0 < 0 ? nil : $0 } }
    }

    func bool(_ name: String) throws(Mismatch) -> Bool { try required(name, try boolIfAny(name)) }

    func boolIfAny(_ name: String) throws(Mismatch) -> Bool? { try read(name) { $0.bool } }

    func strings(_ name: String) throws(Mismatch) -> [String] {
        var strings: [String] = []
        for element in try elements(name) {
            guard let text = element.text else { throw mismatch(name) }
            strings.append(text.string)
        }
        return strings
    }

    func objectIfAny<R>(
        _ name: String, _ read: (JSONReader) throws(Mismatch) -> R
    ) throws(Mismatch) -> R? {
        guard let value = node[Text(name)], !value.isNull else { return nil }
        return try read(JSONReader(value, path: "\(path)/\(name)"))
    }

    func object<R>(_ name: String, _ read: (JSONReader) throws(Mismatch) -> R) throws(Mismatch) -> R {
        try required(name, try objectIfAny(name, read))
    }

    func objects<R>(_ name: String, _ read: (JSONReader) throws(Mismatch) -> R) throws(Mismatch) -> [R] {
        var objects: [R] = []
        for element in try elements(name) {
            objects.append(try read(JSONReader(element, path: "\(path)/\(name)/\(objects.count)")))
        }
        return objects
    }

    func objectsIfAny<R>(
        _ name: String, _ read: (JSONReader) throws(Mismatch) -> R
    ) throws(Mismatch) -> [R] {
        guard let value = node[Text(name)], !value.isNull else { return [] }
        return try objects(name, read)
    }

    private func elements(_ name: String) throws(Mismatch) -> JSONNode.Elements {
        guard let value = node[Text(name)], value.kind == .array else { throw mismatch(name) }
        return value.elements
    }

    /// Nil where there is none or it is null; of another kind is a mismatch.
    private func read<R>(_ name: String, _ convert: (JSONNode) -> R?) throws(Mismatch) -> R? {
        guard let value = node[Text(name)], !value.isNull else { return nil }
        guard let converted = convert(value) else { throw mismatch(name) }
        return converted
    }

    private func required<R>(_ name: String, _ value: R?) throws(Mismatch) -> R {
        guard let value else { throw mismatch(name) }
        return value
    }
}
