import Calls
import JSON

/// `name=value&name=value`, as queries and forms have it: decoded, in order, names repeated where the sender did.
enum ParameterReader {
    /// Parameters in one query or form.
    static let limit = 10_000

    /// The parameters of a query that has only bytes a query may have.
    static func read(query: ArraySlice<UInt8>) throws(WireError) -> [Parameter] {
        for byte in query where !(ByteClass.query.contains(byte) || byte == 0x25) { throw .malformedQuery }
        return try read(query, refusing: .malformedQuery)
    }

    /// The parameters of an `application/x-www-form-urlencoded` body. Many clients leave bare what they should encode;
    /// only what ends a parameter for some readers, or a line, is refused.
    static func read(form: ArraySlice<UInt8>) throws(WireError) -> [Parameter] {
        for byte in form where byte < 0x20 || byte == 0x7F || byte == 0x3B { throw .malformedForm }
        return try read(form, refusing: .malformedForm)
    }

    private static func read(_ bytes: ArraySlice<UInt8>, refusing: WireError) throws(WireError) -> [Parameter] {
        var parameters: [Parameter] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 0x26) ?? bytes.endIndex
            if start < end {
                guard parameters.count < limit else { throw .tooManyParameters(limit: limit) }
                let equals = bytes[start..<end].firstIndex(of: 0x3D)
                let name = try text(bytes[start..<(equals ?? end)], refusing)
                let value = try text(bytes[(equals.map { $0 + 1 } ?? end)..<end], refusing)
                parameters.append(Parameter(name, value))
            }
            start = end + 1
        }
        return parameters
    }

    /// Decoded text; a NUL ends it for some readers, and is refused.
    private static func text(_ bytes: ArraySlice<UInt8>, _ refusal: WireError) throws(WireError) -> Text {
        guard bytes.contains(where: { $0 == 0x25 || $0 == 0x2B }) else {
            guard !bytes.contains(0), let text = Text(copying: bytes.span) else { throw refusal }
            return text
        }
        let decoded = try Percent.decode(bytes, plusIsSpace: true)
        guard !decoded.contains(0), let text = Text(copying: decoded.span) else { throw refusal }
        return text
    }
}
