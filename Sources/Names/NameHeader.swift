/// The twelve bytes that every message begins with (RFC 1035 section 4.1.1).
struct NameHeader {
    static let size = 12

    let id: UInt16
    private let flags: UInt16
    let counts: (questions: Int, answers: Int, authorities: Int, others: Int)

    /// - Parameter bytes: at least `size`.
    init(_ bytes: [UInt8]) {
        id = bytes.word(at: 0)
        flags = bytes.word(at: 2)
        counts = (
            Int(bytes.word(at: 4)), Int(bytes.word(at: 6)), Int(bytes.word(at: 8)), Int(bytes.word(at: 10))
        )
    }

    var isAnswer: Bool { flags & 0x8000 != 0 }
    var operation: Int { Int(flags >> 11 & 0xF) }
    var isTruncated: Bool { flags & 0x0200 != 0 }
    var isRecursionDesired: Bool { flags & 0x0100 != 0 }
    var status: Int { Int(flags & 0xF) }

    /// The record that says how long an answer may be.
    static let extensions: [UInt8] = [
        0, 0, 41, UInt8(NameQuestion.largeRoom >> 8), UInt8(NameQuestion.largeRoom & 0xFF), 0, 0, 0, 0, 0, 0,
    ]
}

extension [UInt8] {
    /// In network order; zero beyond the end.
    func word(at index: Int) -> UInt16 {
        guard index >= 0, index + 1 < count else { return 0 }
        return UInt16(self[index]) << 8 | UInt16(self[index + 1])
    }

    mutating func append(word: UInt16) {
        append(UInt8(word >> 8))
        append(UInt8(word & 0xFF))
    }

    mutating func append(long: UInt32) {
        append(word: UInt16(long >> 16))
        append(word: UInt16(truncatingIfNeeded: long))
    }
}
