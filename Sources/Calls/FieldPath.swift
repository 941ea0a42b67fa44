package import JSON

/// The way to a value as screens spell it: `items[0].price`, `["a.b"].c`.
package enum FieldPath {
    /// Nil for what no screen shows.
    package static func read(_ text: String) -> JSONPointer? {
        var tokens: [Text] = []
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { return JSONPointer([]) }
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: "[") {
                rest.removeFirst()
                guard let token = bracketed(&rest) else { return nil }
                tokens.append(token)
            } else {
                if !tokens.isEmpty {
                    guard rest.first == UInt8(ascii: ".") else { return nil }
                    rest.removeFirst()
                }
                let name = rest.prefix { !"./[]\" ".utf8.contains($0) }
                guard !name.isEmpty else { return nil }
                tokens.append(Text(String(decoding: name, as: UTF8.self)))
                rest = rest.dropFirst(name.count)
            }
        }
        return JSONPointer(tokens)
    }

    /// What stands between brackets: a place, or a key in quotes, whose own quotes need none.
    private static func bracketed(_ rest: inout ArraySlice<UInt8>) -> Text? {
        guard rest.first == UInt8(ascii: "\"") else {
            let digits = rest.prefix { $0 &- 0x30 < 10 }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty, rest.popFirst() == UInt8(ascii: "]") else { return nil }
            return Text(String(decoding: digits, as: UTF8.self))
        }
        rest.removeFirst()
        var name: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\""), rest.first == UInt8(ascii: "]") {
                rest.removeFirst()
                return Text(String(decoding: name, as: UTF8.self))
            }
            name.append(byte)
        }
        return nil
    }
}
