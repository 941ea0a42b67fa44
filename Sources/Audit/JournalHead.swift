package import Calls

/// How far a journal has come: the number and hash of its last line. Kept elsewhere, it proves that nothing was cut.
package struct JournalHead: Hashable, Sendable, CustomStringConvertible {
    /// Who says that the journal came this far.
    package enum Source: Hashable, Sendable {
        /// The file `head` beside the journal, written after each sync.
        case note
        /// The hold store, which is told at most once a second and when the gate ends.
        case store
        /// The one who asks.
        case caller

        var words: String {
            switch self {
            case .note: "the gate's note `head` knows"
            case .store: "the hold store knows"
            case .caller: "the expected head is"
            }
        }
    }

    package let seq: UInt64
    package let hash: Digest

    package init(seq: UInt64, hash: Digest) {
        self.seq = seq
        self.hash = hash
    }

    /// `SEQ:HASH`, as `description` writes it; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let seq = UInt64(parts[0]), let hash = Digest(hexadecimal: parts[1]) else { return nil }
        self.init(seq: seq, hash: hash)
    }

    package var description: String { "\(seq):\(hash)" }

    /// From a hash as lines carry it; nil where it is none.
    init?(seq: UInt64, spelling: [UInt8]) {
        guard let hash = Digest(hexadecimal: String(decoding: spelling, as: UTF8.self)) else { return nil }
        self.init(seq: seq, hash: hash)
    }

    /// The line in the file `head`: of one length whatever the number, so that writing it anew replaces it whole.
    static func note(seq: UInt64, spelling: [UInt8]) -> [UInt8] {
        let digits = String(seq)
        return Array("\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits):".utf8) + spelling + [lineFeed]
    }

    init?(note: [UInt8]) {
        guard note.last == lineFeed else { return nil }
        self.init(String(decoding: note.dropLast(), as: UTF8.self))
    }
}
