import JSON
import Testing

@testable import Names

@Suite("Answers as bytes")
struct NameAnswerTests {
    let name = named("api.test")

    @Test("an address is written behind its question, which is spelled as it was")
    func address() throws {
        let spelled: [UInt8] = [3] + "API".utf8 + [4] + "test".utf8 + [0]
        let question = try NameQuestion(NameQuestionTests.message(name: spelled))
        let answer = NameAnswer(.ok, [.address(name, v4: 0xC612_0001, life: 60)]).bytes(to: question, limit: 512)
        let expected: [UInt8] =
            [0xAB, 0xCD, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + spelled + [0, 1, 0, 1] + name.wire
            + [0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 1]
        #expect(answer == expected)
    }

    @Test("an answer that is longer than the client takes is cut to its question, and says so")
    func truncates() throws {
        let question = try NameQuestion(NameQuestionTests.message(type: 16))
        let text = NameRecord(name, .txt, life: 1, data: [255] + [UInt8](repeating: 0x61, count: 255))
        let long = NameAnswer(.ok, [text, text])
        let cut = long.bytes(to: question, limit: 512)
        #expect(cut.count <= 512 && NameHeader(cut).isTruncated && NameHeader(cut).counts.answers == 0)
        let whole = long.bytes(to: question, limit: nil)
        #expect(!NameHeader(whole).isTruncated && NameHeader(whole).counts.answers == 2)
    }

    @Test(
        "bytes without a reading are refused in the protocol's words, or not at all",
        arguments: [
            (NameError.malformed, 1), (.unusableName, 5), (.unsupportedOperation, 4), (.unsupportedVersion, 0),
        ])
    func refuses(error: NameError, status: Int) throws {
        let bytes = try #require(NameAnswer.bytes(refusing: error, of: NameQuestionTests.message(flags: 0x2900)))
        let header = NameHeader(bytes)
        #expect(header.isAnswer && header.id == 0xABCD && header.status == status && header.operation == 5)
        #expect(NameAnswer.bytes(refusing: .noQuestion, of: NameQuestionTests.message()) == nil)
        #expect(NameAnswer.bytes(refusing: .malformed, of: [1, 2, 3]) == nil)
    }

    /// An upstream's answer: the question, then these records.
    private func upstream(_ records: [UInt8], count: UInt16, flags: UInt16 = 0x8180, type: UInt16 = 15) -> [UInt8] {
        NameQuestionTests.message(flags: flags, counts: [1, count, 0, 0], type: type) + records
    }

    private func read(_ bytes: [UInt8], _ type: RecordType = .mx) throws(NameError) -> NameAnswer? {
        try NameAnswer.read(bytes, to: name, type, id: 0xABCD)?.answer
    }

    @Test("names in an upstream's records are spelled out")
    func expands() throws {
        // api.test stands at 12; `mail` before `test` at 16.
        let record: [UInt8] = [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 9, 0, 10, 4] + "mail".utf8 + [0xC0, 16]
        let answer = try #require(try read(upstream(record, count: 1)))
        #expect(
            answer == NameAnswer(.ok, [NameRecord(name, .mx, life: 9, data: [0, 10] + named("mail.test").wire)]))
        // And what is written of it is read again.
        let question = try NameQuestion(NameQuestionTests.message(type: 15))
        #expect(try read(answer.bytes(to: question, limit: nil)) == answer)
    }

    @Test("addresses that come along are left out")
    func addresses() throws {
        let address: [UInt8] = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1]
        #expect(try read(upstream(address, count: 1)) == NameAnswer(.ok))
    }

    @Test("what answers something else is not taken")
    func others() throws {
        #expect(try read(upstream([], count: 0, type: 16)) == nil)
        #expect(try read(upstream([], count: 0, flags: 0x0100)) == nil)
        #expect(try NameAnswer.read(upstream([], count: 0), to: name, .mx, id: 1) == nil)
        #expect(try NameAnswer.read(upstream([], count: 0), to: named("a.test"), .mx, id: 0xABCD) == nil)
        #expect(try read(upstream([], count: 0)) == NameAnswer(.ok))
    }

    @Test("an answer that is cut asks for the whole")
    func truncated() throws {
        let cut = try NameAnswer.read(upstream([], count: 3, flags: 0x8380), to: name, .mx, id: 0xABCD)
        #expect(cut?.isTruncated == true)
    }

    @Test(
        "records that do not fit are no answer",
        arguments: [
            [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 9, 0],
            // A pointer to itself, to behind itself, and data that ends inside a name.
            [0xC0, 26, 0, 15, 0, 1, 0, 0, 0, 9, 0, 0], [0xC0, 200, 0, 15, 0, 1, 0, 0, 0, 9, 0, 0],
            [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 3, 0, 1, 4], [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 1, 0],
            // Bytes behind the name.
            [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 5, 0, 1, 0xC0, 12, 7],
        ] as [[UInt8]])
    func malformed(record: [UInt8]) {
        #expect(throws: NameError.malformed) { _ = try read(upstream(record, count: 1)) }
    }
}
