package import JSON

/// A name as questions and records carry it: labels of letters, digits, dashes and underscores, in small letters.
///
/// DNS itself allows any byte in a label (RFC 2181 section 11). Names here become hosts of calls and text in the journal,
/// so that anything else has no reading.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// Without the last dot; empty for the root.
    package let text: Text

    /// RFC 1035 section 2.3.4: a name has 255 bytes with its lengths, a label 63.
    package static let longest = 255
    package static let longestLabel = 63

    package static let root = DomainName()

    private init() { text = "" }

    /// The name in its usual spelling; nil where it is none.
    package init?(_ text: Text) {
        let bytes = text.utf8.last == 0x2E ? Array(text.utf8.dropLast()) : text.bytes
        let labels = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard bytes.count <= DomainName.longest - 2,
            bytes.isEmpty || labels.allSatisfy({ 1...DomainName.longestLabel ~= $0.count }),
            bytes.allSatisfy({ $0 == 0x2E || DomainName.isUsable($0) })
        else { return nil }
        self.text = Text(String(decoding: bytes, as: UTF8.self)).asciiLowercased
    }

    package var labels: [Substring] { text.string.split(separator: ".") }

    package var description: String { text.isEmpty ? "." : text.string }

    private static func isUsable(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F
    }

    /// Reads a name at `index`, and leaves `index` behind it.
    ///
    /// - Parameter isCompressed: whether the name may go on at an earlier place of the message (RFC 1035 section 4.1.4), as
    ///   none in a question can.
    static func read(_ bytes: [UInt8], at index: inout Int, isCompressed: Bool) throws(NameError) -> DomainName {
        var letters: [UInt8] = []
        var place = index
        var end: Int?
        // Each jump goes backwards, to before the part that it stands in, so that there is an end.
        var limit = index
        while true {
            guard place < bytes.count else { throw .malformed }
            let length = Int(bytes[place])
            switch length {
            case 0:
                index = end ?? place + 1
                guard let name = DomainName(Text(String(decoding: letters, as: UTF8.self))) else { throw .unusableName }
                return name
            case 1...DomainName.longestLabel:
                let label = place + 1..<place + 1 + length
                guard label.upperBound < bytes.count, letters.count + length + 1 < DomainName.longest else {
                    throw .malformed
                }
                // A dot inside a label would make two of it.
                guard bytes[label].allSatisfy(isUsable) else { throw .unusableName }
                if !letters.isEmpty { letters.append(0x2E) }
                letters += bytes[label]
                place = label.upperBound
            case 0xC0...:
                guard isCompressed, place + 1 < bytes.count else { throw .malformed }
                let target = (length & 0x3F) << 8 | Int(bytes[place + 1])
                guard target < limit else { throw .malformed }
                end = end ?? place + 2
                limit = target
                place = target
            default: throw .malformed
            }
        }
    }

    /// The name in a message, without compression.
    package var wire: [UInt8] {
        var bytes: [UInt8] = []
        for label in text.utf8.split(separator: 0x2E) {
            bytes.append(UInt8(truncatingIfNeeded: label.count))
            bytes.append(contentsOf: label)
        }
        bytes.append(0)
        return bytes
    }
}
