import Calls
import JSON

/// Leaves of a head's fields those that go to the upstream as they came, and refuses those that two servers would read
/// differently.
enum FieldCleaner {
    /// - Parameter method: the one that is sent; an override that names it is left out.
    static func clean(_ fields: Fields, method: Text) throws(WireError) -> Fields {
        try fields.filter { index throws(WireError) in
            let name = fields.known(at: index)
            switch name {
            case .ordinary, .signatureInput, .alternativeService:
                return true
            case .underscored:
                try refuseDisguise(fields.name(at: index))
                return true
            case _ where name.isSingle:
                guard !fields.isRepeated(at: index) else { throw .duplicateField(smallLetters(fields.name(at: index))) }
                return true
            case .methodOverride:
                guard MethodOverride.names(method.bytes, in: fields.value(at: index)) else { throw .methodOverride }
                return false
            case .pathOverride:
                throw .pathOverride(smallLetters(fields.name(at: index)))
            case .connection:
                try checkConnection(fields.value(at: index), fields)
                return false
            default:
                return false
            }
        }
    }

    /// CGI and its descendants read `Content_Type` as `Content-Type`.
    private static func refuseDisguise(_ name: ArraySlice<UInt8>) throws(WireError) {
        let hyphened = name.map { $0 == 0x5F ? 0x2D : $0 }
        guard FieldName(hyphened.span) == .ordinary else { throw .disguisedField(smallLetters(hyphened)) }
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
