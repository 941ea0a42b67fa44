import JSON

/// Keys that differ in case only. Go's JSON, which many servers are written with, takes `Method` for `method`, and of two
/// such keys the last.
enum KeySpelling {
    /// Whether the object has a key that is one of `keys` to Go and none of them to others.
    static func hasVariant(_ object: JSONNode, of keys: [Text]) -> Bool {
        object.hasKey { key in
            keys.contains { folds(key, to: $0) && !isSame(key, $0) }
        }
    }

    /// Whether a key is `name` without regard to case; Go counts the long s and the Kelvin sign in.
    static func folds(_ key: Span<UInt8>, to name: Text) -> Bool {
        var index = 0
        for wanted in name.utf8 {
            guard index < key.count else { return false }
            let small = wanted &- 0x41 < 26 ? wanted | 0x20 : wanted
            if key[index] &- 0x41 < 26 ? key[index] | 0x20 == small : key[index] == small {
                index += 1
            } else if small == 0x73, index + 1 < key.count, key[index] == 0xC5, key[index + 1] == 0xBF {
                index += 2
            } else if small == 0x6B, index + 2 < key.count, key[index] == 0xE2, key[index + 1] == 0x84,
                key[index + 2] == 0xAA
            {
                index += 3
            } else {
                return false
            }
        }
        return index == key.count
    }

    private static func isSame(_ key: Span<UInt8>, _ name: Text) -> Bool { key.isSame(as: name.utf8.span) }
}
