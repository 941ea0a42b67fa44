/// What is said to a question.
package struct NameAnswer: Hashable, Sendable {
    package enum Status: Int, Hashable, Sendable {
        case ok = 0
        case malformed = 1
        case failed = 2
        case noSuchName = 3
        case notImplemented = 4
        case refused = 5
    }

    package var status: Status
    package var records: [NameRecord]

    package init(_ status: Status, _ records: [NameRecord] = []) {
        self.status = status
        self.records = records
    }

    /// Records of an upstream's answer that are read; more is no answer to one question.
    package static let mostRecords = 256

    // MARK: Writing

    /// The answer as bytes; one that is longer than the client takes says so and leaves the records out.
    ///
    /// - Parameter limit: bytes; nil over TCP, where a message has 65,535.
    package func bytes(to question: NameQuestion, limit: Int?) -> [UInt8] {
        let whole = bytes(to: question, records, isTruncated: false)
        return whole.count <= limit ?? 65_535 ? whole : bytes(to: question, [], isTruncated: true)
    }

    private func bytes(to question: NameQuestion, _ records: [NameRecord], isTruncated: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(word: question.id)
        // An answer, recursion available.
        let flags: UInt16 = 0x8080 | (isTruncated ? 0x0200 : 0) | (question.isRecursionDesired ? 0x0100 : 0)
        bytes.append(word: flags | UInt16(status.rawValue))
        bytes.append(word: 1)
        bytes.append(word: UInt16(truncatingIfNeeded: records.count))
        bytes.append(word: 0)
        bytes.append(word: question.room == nil ? 0 : 1)
        bytes += question.spelling
        for record in records { record.write(into: &bytes) }
        if question.room != nil { bytes += NameHeader.extensions }
        return bytes
    }

    /// What is said to bytes without a reading; nil where nothing is.
    package static func bytes(refusing error: NameError, of message: [UInt8]) -> [UInt8]? {
        guard message.count >= NameHeader.size else { return nil }
        var bytes: [UInt8] = []
        bytes.append(word: message.word(at: 0))
        let flags = 0x8080 | message.word(at: 2) & 0x7900
        switch error {
        case .noQuestion: return nil
        case .malformed: bytes.append(word: flags | UInt16(Status.malformed.rawValue))
        case .unusableName: bytes.append(word: flags | UInt16(Status.refused.rawValue))
        case .unsupportedOperation: bytes.append(word: flags | UInt16(Status.notImplemented.rawValue))
        case .unsupportedVersion:
            bytes.append(word: flags)
            for word: UInt16 in [0, 0, 0, 1] { bytes.append(word: word) }
            // BADVERS is 16, whose upper bits stand in the further record (RFC 6891 section 6.1.3).
            var extensions = NameHeader.extensions
            extensions[5] = 1
            return bytes + extensions
        }
        for _ in 0..<4 { bytes.append(word: 0) }
        return bytes
    }

    // MARK: Reading

    /// Reads an upstream's answer to a question that was written with `NameQuestion.write`.
    ///
    /// - Returns: nil where it is the answer to something else; `isTruncated` where the whole must be asked for over TCP.
    package static func read(
        _ bytes: [UInt8], to name: DomainName, _ type: RecordType, id: UInt16
    ) throws(NameError) -> (answer: NameAnswer, isTruncated: Bool)? {
        guard bytes.count >= NameHeader.size else { return nil }
        let header = NameHeader(bytes)
        guard header.isAnswer, header.id == id, header.operation == 0, header.counts.questions == 1 else { return nil }
        var index = NameHeader.size
        let asked = try DomainName.read(bytes, at: &index, isCompressed: false)
        guard asked == name, bytes.word(at: index) == type.rawValue, bytes.word(at: index + 2) == 1 else { return nil }
        index += 4
        if header.isTruncated { return (NameAnswer(.ok), true) }
        guard header.counts.answers <= mostRecords else { throw .malformed }
        var records: [NameRecord] = []
        for _ in 0..<header.counts.answers {
            let record = try NameRecord.read(bytes, at: &index)
            // Addresses that come along would lead past those that are given out here.
            guard !record.type.isAddress, !record.type.isService, record.type != .opt else { continue }
            records.append(record)
        }
        return (NameAnswer(Status(rawValue: header.status) ?? .failed, records), false)
    }
}
