/// The bytes as text with ASCII capitals made small: never `lowercased()`, which makes a `k` of the Kelvin sign.
func smallLetters(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
}

/// Whether the bytes begin with `prefix`, which is in small letters; ASCII case does not matter.
func isPrefixed(_ bytes: ArraySlice<UInt8>, _ prefix: String) -> Bool {
    var index = bytes.startIndex
    for wanted in prefix.utf8 {
        guard index < bytes.endIndex else { return false }
        let byte = bytes[index]
        guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == wanted else { return false }
        index += 1
    }
    return true
}

/// The bytes without the spaces and tabs around them.
func trimmingBlanks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: ByteClass.isBlank)
    while let last = bytes.last, ByteClass.isBlank(last) { bytes = bytes.dropLast() }
    return bytes
}
