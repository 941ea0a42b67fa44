package import JSON

extension Value {
    /// A value of a document: scalars are taken out, arrays and objects stay where they are.
    package init(_ tree: JSONTree, _ index: Int) {
        switch tree.kind(index) {
        case .null: self = .null
        case .bool: self = .bool(tree.bool(index))
        case .string:
            let (storage, range) = tree.content(index)
            self = .string(ByteString(storage, range))
        case .number: self = Value(number: tree.document.bytes, tree.spelling(index))
        case .array, .object: self = .json(tree, UInt32(clamping: index))
        }
    }

    /// The same without a tree where the value is a scalar: most conditions read nothing else.
    package init(_ document: JSONDocument, at index: Int) {
        switch document.kind(at: index) {
        case .null: self = .null
        case .bool: self = .bool(document.bytes[document.spelling(at: index).lowerBound] == UInt8(ascii: "t"))
        case .string:
            let (storage, range) = document.content(at: index)
            self = .string(ByteString(storage, range))
        case .number: self = Value(number: document.bytes, document.spelling(at: index))
        case .array, .object: self = .json(JSONTree(document), UInt32(clamping: index))
        }
    }

    /// Integers are exact. One that 64 bits cannot hold stays text, which `decimal()` reads; other numbers are doubles.
    private init(number storage: [UInt8], _ range: Range<Int>) {
        var isInteger = true
        var magnitude: UInt64 = 0
        var overflow = false
        let isNegative = storage[range.lowerBound] == UInt8(ascii: "-")
        for index in range.dropFirst(isNegative ? 1 : 0) {
            let digit = storage[index] &- 0x30
            guard digit < 10 else {
                isInteger = false
                break
            }
            let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            overflow = overflow || first || second
            magnitude = sum
        }
        guard isInteger else {
            self = Double(String(decoding: storage[range], as: UTF8.self)).map(Value.double) ?? .null
            return
        }
        if !overflow, isNegative, magnitude <= 1 << 63 {
            self = .int(Int64(truncatingIfNeeded: 0 &- magnitude))
        } else if !overflow, !isNegative {
            self = Int64(exactly: magnitude).map(Value.int) ?? .uint(magnitude)
        } else {
            self = .string(ByteString(storage, range))
        }
    }

    /// A document as a value of type dyn.
    package init(_ document: JSONDocument) { self.init(JSONTree(document), JSONTree.root) }

    var isList: Bool {
        switch self {
        case .list: true
        case .json(let tree, let index): tree.kind(Int(index)) == .array
        default: false
        }
    }

    var isContainer: Bool {
        switch self {
        case .list, .map, .json: true
        default: false
        }
    }

    /// Elements of a list or entries of a map.
    var elementCount: Int {
        switch self {
        case .list(let elements): elements.count
        case .map(let map): map.count
        case .json(let tree, let index): tree.count(Int(index))
        default: 0
        }
    }

    /// The element of a list.
    func element(_ index: Int) -> Value? {
        switch self {
        case .list(let elements): elements.indices.contains(index) ? elements[index] : nil
        case .json(let tree, let array): tree.element(index, of: Int(array)).map { Value(tree, $0) }
        default: nil
        }
    }

    var isBoolOrString: Bool {
        switch self {
        case .bool, .string: true
        default: false
        }
    }

    /// A key as an error shows it, where the rule wrote it.
    var keyText: Text {
        if case .string(let name) = self, name.count <= 64 { return name.text }
        return ""
    }
}
