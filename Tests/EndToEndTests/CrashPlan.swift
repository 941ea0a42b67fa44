/// What is done to a gate under load.
enum Disturbance: String, CaseIterable, Sendable {
    case kill
    /// SIGSTOP, and SIGCONT after a while.
    case stop
    /// The disk of its state is full.
    case full
    /// Its disk breaks off.
    case readOnly = "read-only"
    /// Another process holds the store.
    case locked
    /// The wall clock jumps.
    case clock
    /// The upstream is killed in the middle of its answers.
    case upstream

    fileprivate var weight: Int {
        switch self {
        case .kill: 5
        case .full, .locked: 3
        case .stop, .readOnly, .clock, .upstream: 2
        }
    }
}

/// Chance that comes out the same for the same seed (SplitMix64).
struct SeededChance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter parts: the seed, then what tells this sequence from the others of the same seed.
    init(_ parts: UInt64...) {
        state = 0
        for part in parts {
            state ^= part
            state = next()
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func from(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func hits(_ percent: Int) -> Bool { from(1...100) <= percent }
}

/// One round, as its seed says.
struct CrashPlan: Sendable {
    let disturbance: Disturbance
    /// Lasts as long, beside it.
    let other: Disturbance?
    /// Milliseconds of load before it begins, while it lasts, and after it.
    let before: Int
    let lasting: Int
    let after: Int
    /// Killed while the disturbance lasts.
    let isKilledWithin: Bool
    /// And started before it is over.
    let isStartedWithin: Bool
    /// Ended by SIGTERM instead of SIGKILL.
    let isOrderly: Bool
    /// Milliseconds that the wall clock jumps, one after the other.
    let jumps: [Int64]
    /// Where the clock stands where it was put, over the end of the round.
    let keepsJump: Bool
    /// Starts that are killed too, each after so many milliseconds.
    let killedStarts: [Int]

    init(_ seed: UInt64, round: Int, among possible: [Disturbance]) {
        var chance = SeededChance(seed, UInt64(round))
        let weighted = possible.flatMap { Array(repeating: $0, count: $0.weight) }
        // The first rounds go through all of them, so that a short proof leaves none out.
        let turn = round / 2
        let kind =
            round % 2 == 1 && turn < possible.count
            ? possible[(turn + Int(seed % UInt64(possible.count))) % possible.count]
            : weighted[chance.from(0...weighted.count - 1)]
        disturbance = kind
        let others = possible.filter { ($0 == .locked || $0 == .clock || $0 == .upstream || $0 == .full) && $0 != kind }
        other = chance.hits(25) && !others.isEmpty ? others[chance.from(0...others.count - 1)] : nil
        before = chance.from(40...450)
        lasting = CrashPlan.lasting(kind, &chance)
        after = chance.from(0...180)
        // Where files are open for writing, a broken disk is mended only after the end.
        isKilledWithin = kind == .readOnly || kind != .kill && chance.hits(35)
        isStartedWithin = (isKilledWithin || kind == .kill && other != nil) && chance.hits(30)
        isOrderly = chance.hits(12)
        let hour: Int64 = 3_600_000
        let choices: [Int64] = [-24 * hour, -hour, -60_000, -7_000, 4_000, 6_000, 60_000, hour, 25 * hour, 200 * hour]
        jumps = (0..<chance.from(1...3)).map { _ in choices[chance.from(0...choices.count - 1)] }
        keepsJump = chance.hits(40)
        killedStarts = chance.hits(25) ? (0..<chance.from(1...2)).map { _ in chance.from(1...60) } : []
    }

    private static func lasting(_ kind: Disturbance, _ chance: inout SeededChance) -> Int {
        switch kind {
        case .kill: 0
        case .stop: chance.from(100...900)
        case .full, .readOnly: chance.from(80...500)
        // The store waits two seconds for another process.
        case .locked: chance.hits(35) ? 2_300 : chance.from(60...600)
        case .clock: chance.from(60...300)
        case .upstream: chance.from(0...200)
        }
    }
}
