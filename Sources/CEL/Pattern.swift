import CRE2

/// A regular expression of RE2: linear time, whatever it is and whatever it is given.
@safe
final class Pattern: @unchecked Sendable {
    // Matching is thread-safe (re2.h); the pointer is never given away.
    private let pattern: OpaquePointer

    /// What is wrong with a pattern, in RE2's words.
    struct Refusal: Error {
        let reason: String
    }

    init(_ text: ByteString, _ limits: Limits) throws(Refusal) {
        guard text.count <= limits.pattern else { throw Refusal(reason: "it is longer than \(limits.pattern) bytes") }
        var message = [UInt8](repeating: 0, count: 256)
        let bytes = text.bytes
        let compiled = unsafe bytes.withUnsafeBufferPointer { pattern in
            unsafe message.withUnsafeMutableBytes { message in
                unsafe cre2_compile(
                    pattern.baseAddress, pattern.count, Int64(limits.patternMemory),
                    message.baseAddress?.assumingMemoryBound(to: CChar.self), message.count)
            }
        }
        guard let compiled = unsafe compiled else {
            throw Refusal(reason: String(decoding: message.prefix { $0 != 0 }, as: UTF8.self))
        }
        unsafe pattern = compiled
    }

    deinit { unsafe cre2_free(pattern) }

    /// Whether it matches anywhere in the text; nil where it ran out of memory.
    func matches(_ text: ByteString) -> Bool? {
        let bytes = text.storage.span.extracting(text.range)
        let result = unsafe bytes.withUnsafeBufferPointer { unsafe cre2_matches(pattern, $0.baseAddress, $0.count) }
        return result < 0 ? nil : result != 0
    }
}
