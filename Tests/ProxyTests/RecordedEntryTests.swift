import Calls
import Testing

@testable import Proxy

@Suite("Entries of a recording")
struct RecordedEntryTests {
    @Test("any call is read as it was written, and no part of it is an entry")
    func roundTrip() throws {
        var random = SplitMix(state: 7)
        for _ in 0..<300 {
            let entry = RecordedEntryTests.random(&random)
            let bytes = entry.bytes
            #expect(try RecordedEntry(bytes[...]) == entry)
            for _ in 0..<20 {
                let count = Int.random(in: 0..<bytes.count, using: &random)
                #expect(throws: RecordedEntry.Damage.self) { try RecordedEntry(bytes.prefix(count)) }
            }
            #expect(throws: RecordedEntry.Damage.self) { try RecordedEntry((bytes + [0])[...]) }
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    private static func random(_ random: inout SplitMix) -> RecordedEntry {
        func text() -> String {
            String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
                    }))
        }
        func bytes() -> [UInt8] {
            (0..<Int.random(in: 0...60, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        }
        func number() -> Int64? { Bool.random(using: &random) ? .random(in: .min ... .max, using: &random) : nil }
        let time = Timestamp(milliseconds: .random(in: .min ... .max, using: &random))
        if Int.random(in: 0..<5, using: &random) == 0 {
            return .gap(at: time, calls: .random(in: 0 ... .max, using: &random), reason: text())
        }
        var facts = RecordedCall.Facts()
        (facts.calls, facts.holds, facts.failures) = (number(), number(), number())
        facts.autonomy = Bool.random(using: &random) ? text() : nil
        let contents: [RecordedCall.Content] = [
            .none, .kept, .withheld(length: .random(in: 0 ... .max, using: &random)),
        ]
        return .call(
            RecordedCall(
                time: time, session: SessionID(text()), facts: facts,
                floorTier: Tier(rawValue: .random(in: 0...4, using: &random)), floorReason: text(),
                judgement: .init(
                    tier: Tier(rawValue: .random(in: 1...4, using: &random)) ?? .readOnly,
                    disposition: [.pass, .hold, .refuse].randomElement(using: &random) ?? .pass,
                    rules: (0..<Int.random(in: 0...3, using: &random)).map { _ in text() }, rulesDigest: text()),
                sameness: bytes(), content: contents.randomElement(using: &random) ?? .none, message: bytes()))
    }
}
