/// The bytes as text with ASCII capitals made small: never `lowercased()`, which makes a `k` of the Kelvin sign.
func smallLetters(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
}

/// The bytes without the spaces and tabs around them.
func trimmingBlanks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: ByteClass.isBlank)
    while let last = bytes.last, ByteClass.isBlank(last) { bytes = bytes.dropLast() }
    return bytes
}
