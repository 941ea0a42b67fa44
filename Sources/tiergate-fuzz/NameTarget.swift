import JSON
import Names

extension FuzzTarget {
    static let name = FuzzTarget(
        name: "name",
        summary:
            "DNS messages: a question is answered in its own words, and a read answer is written and read the same",
        seeds: [
            NameQuestion.write(DomainName("api.test") ?? .root, .txt, id: 0x0102),
            // Without the further record: a plain question.
            Array(NameQuestion.write(DomainName("_a-1.example.test") ?? .root, .a, id: 7).dropLast(11)),
            answer([0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 9, 0, 10, 4] + "mail".utf8 + [0xC0, 16]),
            answer([0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, 3, 2, 0x68, 0x69]),
            answer([0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 9, 0, 24, 0xC0, 12, 0xC0, 16] + [UInt8](repeating: 1, count: 20)),
        ],
        dictionary: ["\u{3}api\u{4}test\u{0}", "\u{0}\u{1}\u{0}\u{1}", "in-addr", "ip6", "arpa"],
        run: { bytes throws(Finding) in
            try checkQuestion(bytes)
            try checkAnswer(bytes)
        })

    /// An answer to the first question with one record.
    private static func answer(_ record: [UInt8]) -> [UInt8] {
        var bytes = Array(NameQuestion.write(DomainName("api.test") ?? .root, .mx, id: 0x0102).dropLast(11))
        bytes.replaceSubrange(2..<12, with: [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])
        return bytes + record
    }

    private static func checkQuestion(_ bytes: [UInt8]) throws(Finding) {
        let question: NameQuestion
        do throws(NameError) {
            question = try NameQuestion(bytes)
        } catch {
            guard let refusal = NameAnswer.bytes(refusing: error, of: bytes) else { return }
            return try require(refusal.prefix(2) == bytes.prefix(2), "a refusal answers another question")
        }
        let written = NameQuestion.write(question.name, question.type, id: question.id)
        let again = try? NameQuestion(written)
        try requireSame(again?.name, question.name, "a question that is written anew asks for another name")
        try requireSame(again?.type, question.type, "a question that is written anew asks for another type")
        _ = SyntheticAddress(reverse: question.name)
        var scrutiny = NameScrutiny()
        _ = scrutiny.objection(to: question.name)
        let sent = NameAnswer(.ok, [.address(question.name, v4: 1, life: 2)]).bytes(to: question, limit: 512)
        try require(sent.count <= 512 && sent.prefix(2) == bytes.prefix(2), "an answer answers another question")
    }

    private static func checkAnswer(_ bytes: [UInt8]) throws(Finding) {
        guard let name = DomainName("api.test") else { return }
        for type in [RecordType.mx, .txt, .soa] {
            guard let read = try? NameAnswer.read(bytes, to: name, type, id: 0x0102), !read.isTruncated else {
                continue
            }
            guard let question = try? NameQuestion(NameQuestion.write(name, type, id: 0x0102)) else { continue }
            let written = read.answer.bytes(to: question, limit: nil)
            let again = try? NameAnswer.read(written, to: name, type, id: 0x0102)
            if again?.isTruncated == true { continue }
            try requireSame(again?.answer, read.answer, "an answer that is written anew is another")
        }
    }
}
