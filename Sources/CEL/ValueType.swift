package import JSON

/// What the checker knows of a value.
package indirect enum ValueType: Hashable, Sendable {
    /// Known only when it is there.
    case dyn
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    case list(ValueType)
    case map(ValueType, ValueType)
    case optional(ValueType)
    /// The type of types.
    case type
    /// A map with these keys and no others: selecting another is an error when the condition is loaded.
    case record(Text, [Text: ValueType])
    /// A type of the host's: `net.IP`, and those that a declaration names.
    case opaque(Text, [ValueType])
    /// In the signature of a function: any type, the same wherever the name is.
    case parameter(Text)
    /// While checking: not known yet.
    case variable(Int)

    var hasParameters: Bool {
        switch self {
        case .parameter: true
        case .list(let element), .optional(let element): element.hasParameters
        case .map(let key, let value): key.hasParameters || value.hasParameters
        case .opaque(_, let parameters): parameters.contains(where: \.hasParameters)
        default: false
        }
    }

    /// A type that has no parts and is known, or known to be unknown. Null is not: it stands for values of other types.
    var isScalar: Bool {
        switch self {
        case .dyn, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .type: true
        default: false
        }
    }

    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        default: false
        }
    }

    var isDyn: Bool { if case .dyn = self { true } else { false } }

    package static let ip = opaque("net.IP", [])
    package static let cidr = opaque("net.CIDR", [])
    package static let decimal = opaque("decimal", [])
}

extension ValueType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .dyn, .variable: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .optional(let value): "optional_type(\(value))"
        case .type: "type"
        case .record(let name, _): name.string
        case .opaque(let name, let parameters):
            parameters.isEmpty
                ? name.string : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
        case .parameter(let name): "<\(name)>"
        }
    }
}
