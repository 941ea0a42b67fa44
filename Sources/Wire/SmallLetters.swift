/// The bytes as text with ASCII capitals made small: never `lowercased()`, which makes a `k` of the Kelvin sign.
func smallLetters(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
}
