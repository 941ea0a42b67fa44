import JSON

/// What a site knows of its gRPC services: `FileDescriptorSet`s, as `protoc --include_imports -o` writes them.
package struct GRPCDescriptors: Sendable {
    struct Field: Sendable {
        let number: Int
        let name: Text
        let isRepeated: Bool
        /// `FieldDescriptorProto.Type`.
        let type: Int
        /// Full name of a message or enumeration, without the leading dot.
        let typeName: Text
    }

    struct Message: Sendable {
        var fields: [Int: Field] = [:]
        var isMapEntry = false
    }

    private(set) var messages: [Text: Message] = [:]
    private(set) var enumerations: [Text: [Int: Text]] = [:]
    /// `package.Service/Method` to the message that it takes.
    private(set) var inputs: [Text: Text] = [:]
    private let limits: DecodingLimits

    /// Refuses sets that are no protobuf, name a thing twice, or are over the limits together. A file that several sets
    /// have in the same words, as they do what all import, is one.
    package init(_ sets: [[UInt8]], limits: DecodingLimits = .default) throws(WireError) {
        self.limits = limits
        guard sets.reduce(0, { $0 + $1.count }) <= limits.descriptorBytes else { throw .malformedDescriptors }
        var known: Set<ArraySlice<UInt8>> = []
        do throws(WireError) {
            for bytes in sets {
                var set = ProtobufReader(bytes[...])
                while let (number, value) = try set.next() {
                    guard number == 1, case .bytes(let file) = value, known.insert(file).inserted else { continue }
                    try read(file: file)
                }
            }
        } catch { throw .malformedDescriptors }
    }

    private mutating func read(file: ArraySlice<UInt8>) throws(WireError) {
        let parts = try Parts(file)
        let package = parts.text(2)
        for message in parts.all(4) { try read(message: message, in: package, depth: 1) }
        for enumeration in parts.all(5) { try read(enumeration: enumeration, in: package) }
        for service in parts.all(6) {
            let service = try Parts(service)
            let name = Self.join(package, service.text(1))
            for method in service.all(2) {
                let method = try Parts(method)
                let key = Text("\(name)/\(method.text(1))")
                try count()
                guard inputs.updateValue(Self.undotted(method.text(2)), forKey: key) == nil else {
                    throw .malformedDescriptors
                }
            }
        }
    }

    private mutating func read(message bytes: ArraySlice<UInt8>, in scope: Text, depth: Int) throws(WireError) {
        guard depth <= limits.messageDepth else { throw .malformedDescriptors }
        let parts = try Parts(bytes)
        let name = Self.join(scope, parts.text(1))
        var message = Message()
        if let options = parts.all(7).last { message.isMapEntry = try Parts(options).number(7) == 1 }
        for field in parts.all(2) {
            let field = try Parts(field)
            let number = Int(field.number(3) ?? 0)
            message.fields[number] = Field(
                number: number, name: field.text(1), isRepeated: field.number(4) == 3,
                type: Int(field.number(5) ?? 0), typeName: Self.undotted(field.text(6)))
        }
        try count()
        guard messages.updateValue(message, forKey: name) == nil else { throw .malformedDescriptors }
        for nested in parts.all(3) { try read(message: nested, in: name, depth: depth + 1) }
        for enumeration in parts.all(4) { try read(enumeration: enumeration, in: name) }
    }

    private mutating func read(enumeration bytes: ArraySlice<UInt8>, in scope: Text) throws(WireError) {
        let parts = try Parts(bytes)
        var names: [Int: Text] = [:]
        for value in parts.all(2) {
            let value = try Parts(value)
            // Of two names for one number the first is the usual one.
            let number = Int(truncatingIfNeeded: value.number(2) ?? 0)
            if names[number] == nil { names[number] = value.text(1) }
        }
        try count()
        enumerations[Self.join(scope, parts.text(1))] = names
    }

    private func count() throws(WireError) {
        guard messages.count + enumerations.count + inputs.count < limits.descriptorTypes else {
            throw .malformedDescriptors
        }
    }

    private static func join(_ scope: Text, _ name: Text) -> Text { scope.isEmpty ? name : Text("\(scope).\(name)") }

    private static func undotted(_ name: Text) -> Text {
        name.hasPrefix(".") ? Text(String(name.string.dropFirst())) : name
    }
}

/// The fields of one message of a descriptor set.
private struct Parts {
    private var fields: [(number: Int, value: ProtobufReader.Value)] = []

    init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() { fields.append(field) }
    }

    func all(_ number: Int) -> [ArraySlice<UInt8>] {
        fields.compactMap { field in
            if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
        }
    }

    func text(_ number: Int) -> Text { all(number).last.flatMap { Text(utf8: $0) } ?? "" }

    func number(_ number: Int) -> Int64? {
        for field in fields.reversed() where field.number == number {
            if case .varint(let value) = field.value { return Int64(truncatingIfNeeded: value) }
        }
        return nil
    }
}
