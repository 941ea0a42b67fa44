/// The way to one value of a document (RFC 6901).
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// Keys and places on the way, without escapes.
    package let tokens: [Text]

    package init(_ tokens: [Text]) { self.tokens = tokens }

    /// Nil for what is no pointer: it is empty or begins with `/`, and `~` is followed by `0` or `1`.
    package init?(spelled text: Text) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == 0x2F else { return nil }
        var tokens: [Text] = []
        for part in text.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            var bytes: [UInt8] = []
            var rest = part[...]
            while let byte = rest.popFirst() {
                guard byte == 0x7E else {
                    bytes.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case 0x30: bytes.append(0x7E)
                case 0x31: bytes.append(0x2F)
                default: return nil
                }
            }
            tokens.append(Text(String(decoding: bytes, as: UTF8.self)))
        }
        self.tokens = tokens
    }

    package var description: String {
        tokens.map { token in
            let escaped = token.utf8.flatMap { byte -> [UInt8] in
                byte == 0x7E ? [0x7E, 0x30] : byte == 0x2F ? [0x7E, 0x31] : [byte]
            }
            return "/" + String(decoding: escaped, as: UTF8.self)
        }.joined()
    }

    func isPrefix(of other: JSONPointer) -> Bool { other.tokens.starts(with: tokens) }

    /// The place in an array that a token names: digits without a leading nought (RFC 6901 section 4).
    static func place(_ token: Text) -> Int? {
        let digits = token.utf8
        guard digits.allSatisfy({ $0 &- 0x30 < 10 }), digits.first != 0x30 || digits.count == 1 else { return nil }
        return Int(token.string)
    }
}

extension JSONNode {
    /// The value there; nil where there is none.
    package func value(at pointer: JSONPointer) -> JSONNode? {
        var node = self
        for token in pointer.tokens {
            let next: JSONNode?
            switch node.kind {
            case .object: next = node[token]
            case .array: next = JSONPointer.place(token).flatMap { node[$0] }
            case .null, .bool, .number, .string: next = nil
            }
            guard let next else { return nil }
            node = next
        }
        return node
    }
}
