import Calls
import Testing
import Wire
import WireTesting

/// Every hostile message is refused, or has exactly one reading.
struct HostileTests {
    @Test("the corpus has two thousand messages, all different, each under a name of its own") func corpus() {
        let messages = HostileCorpus.messages
        #expect(Set(messages.map(\.bytes)).count >= 2000)
        #expect(Set(messages.map(\.description)).count == messages.count)
    }

    @Test("a family's messages fare as it says", arguments: HostileCorpus.families.map(\.name)) func outcomes(
        family: String
    ) {
        for message in HostileCorpus.messages where message.family == family {
            let found = WireConversation(message.bytes, by: message.entrance)
            let isAsExpected =
                switch message.expected {
                case .refused: found.readings.isEmpty && found.end != .whole
                case .read(let count): found.readings.count == count && found.end == .whole
                case .refusedAfter(let count): found.readings.count == count && found.end != .whole
                case .either: true
                }
            #expect(isAsExpected, "\(message): \(found.readings.count) read, \(found.end)")
        }
    }

    @Test("what a message says does not depend on how it arrives", arguments: [1, 7]) func pieces(step: Int) {
        for message in HostileCorpus.messages where message.bytes.count < 4000 {
            let whole = WireConversation(message.bytes, by: message.entrance)
            let pieces = WireConversation(message.bytes, by: message.entrance, step: step)
            #expect(whole.readings.map(\.sent) == pieces.readings.map(\.sent), "\(message)")
            // Which of two faults is met first may depend on it; whether there is one may not.
            #expect((whole.end == .whole) == (pieces.end == .whole), "\(message)")
        }
    }

    @Test("what is sent is read by the gate as what it sent") func fixedPoint() {
        for message in HostileCorpus.messages {
            for reading in WireConversation(message.bytes, by: message.entrance).readings {
                let again = WireConversation(reading.sent, by: .tunnel)
                #expect(again.end == .whole && again.readings.map(\.sent) == [reading.sent], "\(message)")
            }
        }
    }

    @Test("what is sent is one request with one reading for readers of every habit") func oneReading() {
        var seen: Set<[UInt8]> = []
        for message in HostileCorpus.messages {
            for reading in WireConversation(message.bytes, by: message.entrance).readings
            where reading.sent.count < 1000 && seen.insert(reading.sent).inserted {
                let expected = LenientReader.Request(
                    line: "\(reading.method) \(reading.target) HTTP/1.1", host: reading.host, body: reading.body)
                for habits in LenientReader.Habits.allCases {
                    let found = LenientReader(habits: habits).read(reading.sent)
                    #expect(found == [expected], "\(message), habits \(habits.rawValue)")
                    if found != [expected] { break }
                }
            }
        }
    }

    @Test("readers of those habits differ over what is refused, or the corpus would prove nothing") func ambiguity() {
        let habits: [LenientReader.Habits] = [
            [], .bareFeeds, .bareReturns, .trimsNames, .underscores, .joinsFolds, .lastWins, .lengthBeforeChunks,
            .findsChunked,
            .cutsAtNUL,
        ]
        let ambiguous = HostileCorpus.messages.filter { message in
            guard message.bytes.count < 4000 else { return false }
            let first = LenientReader(habits: []).read(message.bytes)
            return habits.contains { LenientReader(habits: $0).read(message.bytes) != first }
        }
        #expect(ambiguous.count > 200, "\(ambiguous.count)")
        for message in ambiguous where message.expected == .refused {
            #expect(WireConversation(message.bytes, by: message.entrance).readings.isEmpty, "\(message)")
        }
    }
}
