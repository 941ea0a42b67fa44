import JSON

/// Addresses and ranges of them.
extension Machine {
    static func network(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        if case .string(let text) = arguments.a, arguments.count == 1 {
            switch function {
            case .ip: return .opaque(Opaque(.ip(try address(text))))
            case .cidr: return .opaque(Opaque(.cidr(try range(text))))
            case .isIP: return .bool(IPAddress(text) != nil)
            case .isCIDR: return .bool(CIDR(text) != nil)
            case .isCanonical: return .bool(Text(try address(text).description) == text.text)
            default: throw .noSuchOverload(function.name)
            }
        }
        guard case .opaque(let opaque) = arguments.a else { throw .noSuchOverload(function.name) }
        switch (opaque.content, arguments.count) {
        case (.ip(let address), 1):
            switch function {
            case .family: return .int(address.isVersion4 ? 4 : 6)
            case .isUnspecified: return .bool(address.isUnspecified)
            case .isLoopback: return .bool(address.isLoopback)
            case .isGlobalUnicast: return .bool(address.isGlobalUnicast)
            case .isLinkLocalUnicast: return .bool(address.isLinkLocalUnicast)
            case .isLinkLocalMulticast: return .bool(address.isLinkLocalMulticast)
            default: break
            }
        case (.cidr(let range), 1):
            switch function {
            case .ip: return .opaque(Opaque(.ip(range.address)))
            case .prefixLength: return .int(Int64(range.length))
            case .masked: return .opaque(Opaque(.cidr(range.masked)))
            case .isMask: return .bool(range.masked == range)
            default: break
            }
        case (.cidr(let range), 2):
            switch (function, arguments.b) {
            case (.containsIP, .string(let text)): return .bool(range.contains(try address(text)))
            case (.containsCIDR, .string(let text)): return .bool(range.contains(try self.range(text)))
            case (.containsIP, .opaque(let other)):
                if case .ip(let address) = other.content { return .bool(range.contains(address)) }
            case (.containsCIDR, .opaque(let other)):
                if case .cidr(let inner) = other.content { return .bool(range.contains(inner)) }
            default: break
            }
        default: break
        }
        throw .noSuchOverload(function.name)
    }

    private static func address(_ text: ByteString) throws(EvaluationError) -> IPAddress {
        guard let address = IPAddress(text) else { throw EvaluationError(.conversion, "string to net.IP") }
        return address
    }

    private static func range(_ text: ByteString) throws(EvaluationError) -> CIDR {
        guard let range = CIDR(text) else { throw EvaluationError(.conversion, "string to net.CIDR") }
        return range
    }

    /// Sums of money and decimal fractions.
    static func amount(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        switch (function, arguments.a, arguments.b, arguments.count) {
        case (.money, .int(let minor), .string(let code), 2):
            guard let currency = Currency(code.text) else {
                throw EvaluationError(.invalidArgument, "no currency of ISO 4217")
            }
            return .text(Text("\(minor < 0 ? "-" : "")\(currency.text(minor: minor.magnitude))"))
        case (.decimal, .string(let text), _, 1):
            guard let decimal = Decimal(text) else { throw EvaluationError(.conversion, "string to decimal") }
            return .opaque(Opaque(.decimal(decimal)))
        case (.decimal, .int(let int), _, 1):
            guard let decimal = Decimal(ByteString(Text(String(int)))) else { break }
            return .opaque(Opaque(.decimal(decimal)))
        case (.decimal, .uint(let uint), _, 1):
            guard let decimal = Decimal(ByteString(Text(String(uint)))) else { break }
            return .opaque(Opaque(.decimal(decimal)))
        case (.decimal, .opaque(let opaque), _, 1):
            guard case .decimal = opaque.content else { break }
            return arguments.a
        default: break
        }
        throw .noSuchOverload(function.name)
    }
}
