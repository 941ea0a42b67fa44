/// One question as a client asked it.
package struct NameQuestion: Hashable, Sendable {
    package let id: UInt16
    package let name: DomainName
    package let type: RecordType
    /// Of the network; another class is refused.
    package let isInternet: Bool
    package let isRecursionDesired: Bool
    /// Bytes that the client takes in one datagram, where it said so (RFC 6891).
    package let room: Int?
    /// As it was spelled: clients compare the case of each letter with what they asked.
    let spelling: [UInt8]

    /// RFC 1035 section 4.2.1; and what is not fragmented anywhere (the DNS flag day of 2020).
    package static let smallRoom = 512
    package static let largeRoom = 1232

    /// Reads a message that must be one question and nothing else.
    package init(_ bytes: [UInt8]) throws(NameError) {
        guard bytes.count >= NameHeader.size else { throw .noQuestion }
        let header = NameHeader(bytes)
        // An answer to an answer would be answered too.
        guard !header.isAnswer else { throw .noQuestion }
        guard header.operation == 0 else { throw .unsupportedOperation }
        guard header.counts.questions == 1, header.counts.answers == 0, header.counts.authorities == 0,
            header.counts.others <= 1
        else { throw .malformed }
        var index = NameHeader.size
        let name = try DomainName.read(bytes, at: &index, isCompressed: false)
        guard index + 4 <= bytes.count else { throw .malformed }
        type = RecordType(rawValue: bytes.word(at: index))
        isInternet = bytes.word(at: index + 2) == 1
        index += 4
        spelling = Array(bytes[NameHeader.size..<index])
        room = header.counts.others == 1 ? try NameQuestion.extensions(bytes, at: &index) : nil
        // Signatures (TSIG) are records too; nobody here has a key.
        guard index == bytes.count else { throw .malformed }
        id = header.id
        isRecursionDesired = header.isRecursionDesired
        self.name = name
    }

    /// The one further record that a question may have (RFC 6891 section 6.1.2).
    private static func extensions(_ bytes: [UInt8], at index: inout Int) throws(NameError) -> Int {
        guard index + 11 <= bytes.count, bytes[index] == 0, bytes.word(at: index + 1) == RecordType.opt.rawValue else {
            throw .malformed
        }
        guard bytes[index + 6] == 0 else { throw .unsupportedVersion }
        let room = Int(bytes.word(at: index + 3))
        let length = Int(bytes.word(at: index + 9))
        index += 11 + length
        return min(max(room, smallRoom), largeRoom)
    }

    /// A question of one's own, in one spelling.
    package static func write(_ name: DomainName, _ type: RecordType, id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(word: id)
        // Recursion desired; one question and one further record.
        for word: UInt16 in [0x0100, 1, 0, 0, 1] { bytes.append(word: word) }
        bytes += name.wire
        bytes.append(word: type.rawValue)
        bytes.append(word: 1)
        bytes += NameHeader.extensions
        return bytes
    }
}
