import Calls

/// Leaves of a head's fields those that go to the upstream as they came, and refuses those that two servers would read
/// differently.
enum FieldCleaner {
    /// - Parameter method: the one that is sent; an override that names it is left out.
    static func clean(_ fields: Fields, method: [UInt8]) throws(WireError) -> Fields {
        try fields.filter { index throws(WireError) in
            let name = fields.name(at: index)
            if name.contains(0x5F) { try refuseDisguise(name) }
            switch FieldRole.of(name) {
            case .ordinary:
                return true
            case .single, .credential:
                guard !fields.isRepeated(at: index) else { throw .duplicateField(smallLetters(name)) }
                return true
            case .dropped:
                if fields.has("connection", at: index) { try checkConnection(fields.value(at: index), fields) }
                return false
            case .methodOverride:
                guard MethodOverride.names(method, in: fields.value(at: index)) else { throw .methodOverride }
                return false
            case .pathOverride:
                throw .pathOverride(smallLetters(name))
            }
        }
    }

    /// CGI and its descendants read `Content_Type` as `Content-Type`.
    private static func refuseDisguise(_ name: ArraySlice<UInt8>) throws(WireError) {
        switch FieldRole.of(name, readingUnderscores: true) {
        case .dropped, .single, .credential, .methodOverride, .pathOverride:
            throw .disguisedField(smallLetters(name.map { $0 == 0x5F ? 0x2D : $0 }))
        case .ordinary: return
        }
    }

    /// `Connection` may name what concerns the connection; a field of the call that it names would be taken out by one
    /// server and not by another.
    private static func checkConnection(_ value: ArraySlice<UInt8>, _ fields: Fields) throws(WireError) {
        if value.elementsEqual("keep-alive".utf8) || value.elementsEqual("close".utf8) { return }
        for option in value.split(separator: 0x2C) {
            let name = smallLetters(trimmingBlanks(option))
            switch name {
            case "", "close", "keep-alive", "upgrade", "te", "trailer", "http2-settings", "proxy-connection": continue
            case _ where fields.contains(name): throw .malformedConnection
            default: continue
            }
        }
    }
}
