import JSON

/// Methods as bits. The last bit stands for every method that no rule names.
struct MethodTable: Sendable {
    static let other: UInt64 = 1 << 63
    static let limit = 63

    /// The first eight letters as one number, and the whole name: most methods are told apart by the number alone.
    private var words: [UInt64] = []
    private var names: [Text] = []

    /// The bit of a method that a rule names.
    mutating func bit(naming method: Text) -> UInt64 {
        if let known = names.firstIndex(of: method) { return 1 << UInt64(known) }
        guard names.count < Self.limit else { return Self.other }
        words.append(Self.word(method.utf8.span))
        names.append(method)
        return 1 << UInt64(names.count - 1)
    }

    /// Without regard to ASCII case: a server refuses `delete` or takes it for `DELETE`, never for a third thing.
    func bit(of method: borrowing Text) -> UInt64 {
        let letters = method.utf8.span
        let word = Self.word(letters)
        for index in words.indices where words[index] == word {
            if letters.count <= 8 || names[index] == (copy method).asciiUppercased { return 1 << UInt64(index) }
        }
        return Self.other
    }

    /// Capitals, and zeros behind a shorter name: no method has a zero in it.
    private static func word(_ letters: Span<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<min(8, letters.count) {
            let byte = letters[index]
            word |= UInt64(byte &- 0x61 < 26 ? byte & 0xDF : byte) << UInt64(index * 8)
        }
        return word
    }
}
