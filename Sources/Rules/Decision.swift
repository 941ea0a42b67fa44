import Calls
import JSON

/// What the rules make of a call, in numbers: everything that words are made of later, if anybody wants them.
struct Decision: ~Copyable {
    /// A rule that counts.
    struct Member: BitwiseCopyable, Sendable {
        let candidate: Candidate
        let weight: UInt8
        /// It could not read what it needs, and counts the most it can.
        let hasFailed: Bool
        /// Which operation of the call it is about.
        let operation: UInt16

        static let none = Member(candidate: .none, weight: 0, hasFailed: false, operation: 0)
    }

    typealias Members = Shortlist<4, Member>

    struct Superseding: Hashable {
        let rule: Int
        let superseded: Int
        let from: UInt8
        let to: UInt8
    }

    /// 1 to 4, or what blocks; the strictest over all operations.
    var weight = 0
    /// The default for calls for which no rule speaks has a part in the weight.
    var isUnmatched = false
    /// A part without a reading, whose floor has a part in the weight.
    var unreadable: Text?
    /// All that count at the weight, each once.
    var winners = Members(filler: .none)
    var supersedings: [Superseding] = []
    /// More operations than rules look at.
    var isAmbiguous = false

    var tier: Tier { Tier(rawValue: min(weight, Tier.irreversible.rawValue)) ?? .irreversible }
}

/// One operation with the call it stands in: a batched request is a call of its own.
struct Subject {
    let call: Call
    let operation: Operation

    /// The operations of a call, those of batched requests among them; nil where there are more than the limit.
    static func all(of call: Call, limit: Int) -> [Subject]? {
        var subjects: [Subject] = []
        var waiting = [call]
        while let next = waiting.popLast() {
            for operation in next.operations.isEmpty ? [.http] : next.operations {
                guard subjects.count + waiting.count < limit else { return nil }
                if case .batched(let inner) = operation {
                    waiting.append(inner)
                } else {
                    subjects.append(Subject(call: next, operation: operation))
                }
            }
        }
        return subjects
    }
}
