import Calls
import Crypto
import Holds
import Testing

@testable import Stores

/// A store as the first version wrote it, brought to the present one.
struct MigrationTests {
    let scratch: Scratch
    let directory: StateDirectory

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
    }

    private let states: [HoldState] = [
        .pending, .approved(Sample.decision), .rejected(Sample.decision), .expired, .sending(Sample.decision),
        .done(Answer(status: 200, delivery: .kept, decision: Sample.decision)),
        .done(Answer(status: 200, delivery: .delivered, decision: Sample.decision)),
        .uncertain(cause: "reset"), .stale(cause: "rules"),
        .resolved(Resolution(decision: Sample.decision, wasExecuted: true)),
        .resolved(Resolution(decision: Sample.decision, wasExecuted: false)),
    ]

    /// The values of a row of today that the first version had as well.
    private static func firstColumns(_ values: [Database.Value]) -> [Database.Value] {
        Array(values[..<12]) + Array(values[14..<17])
    }

    /// Writes a hold of each state by the first version's own statements, each with its call and one with an answer.
    private func writeFirstVersion() throws -> [Hold] {
        let key = try directory.sealingKey()
        try directory.makeFile("holds.db")
        let database = try Database(opening: directory.file("holds.db"), patience: .zero)
        try Schema.prepare(database, migrations: [Schema.migrations[0]])
        let vault = Vault(key: key)
        return try states.enumerated().map { index, state in
            let hold = Sample.hold(session: "s\(index % 3)", idempotency: "k\(index)", created: Int64(index))
                .with(state: state)
            try database.run(
                """
                INSERT INTO holds (id, session, call, digest, repeat_key, idempotency, created, expires, version, state,
                detail, facts, undecided, attracts, expirable)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                """, Self.firstColumns(HoldTable.values(hold)))
            for kind in [Vault.Kind.request, .answer] where kind == .request || index == 5 {
                let content = Content(bytes: Array("\(kind) of \(hold.id)".utf8))
                try database.run(
                    "INSERT INTO contents (hold, kind, sealed, spool) VALUES (?1, ?2, ?3, NULL)",
                    .text(hold.id.description), .text(kind.rawValue),
                    .blob(try vault.seal(content, kind, of: hold.id, hold.digest)))
            }
            return hold
        }
    }

    @Test("holds of every state, their calls and answers are there after it, and everything is counted as before")
    func first() async throws {
        let before = try writeFirstVersion()
        let store = try SQLiteHoldStore(in: directory)
        for (index, hold) in before.enumerated() {
            let after = try #require(try await store.hold(hold.id))
            #expect(after.state == hold.state)
            #expect(after.digest == hold.digest && after.repeatKey == hold.repeatKey)
            #expect(after.idempotency == hold.idempotency && after.session == hold.session)
            #expect(after.original == nil && after.deliberation == Deliberation())
            #expect(after.created == hold.created && after.expires == hold.expires && after.version == hold.version)
            #expect(try await store.request(of: hold.id)?.bytes == Array("request of \(hold.id)".utf8))
            let answer = try await store.answer(of: hold.id)?.bytes
            #expect(answer == (index == 5 ? Array("answer of \(hold.id)".utf8) : nil))
        }
        #expect(try await store.holds(HoldQuery()).count == before.count)
        // Two are undecided.
        let limits = EnrolmentLimits(pending: 2)
        guard case .full = try await store.enrol(Sample.hold(), content: Sample.content, limits: limits) else {
            return #expect(Bool(false), "the tally is lost")
        }
        let joins = try await store.enrol(
            Sample.hold(session: before[0].session.description, repeating: before[0].id.description, idempotency: "k0"),
            content: Sample.content, limits: EnrolmentLimits())
        guard case .joined(let joined) = joins else { return #expect(Bool(false), "the key is lost") }
        #expect(joined.id == before[0].id)
        await store.close()
    }

    @Test("what had ended before it is forgotten in time, and nothing else")
    func ended() async throws {
        let before = try writeFirstVersion()
        let store = try SQLiteHoldStore(in: directory)
        let gone = try await store.forget(endedBefore: Sample.now + .days(1), limit: 100)
        var left: Set<String> = []
        for hold in before { if try await store.hold(hold.id) != nil { left.insert(hold.id.description) } }
        #expect(gone == 4)
        let kept = [0, 1, 4, 5, 7, 8, 9].map { before[$0].id.description }
        #expect(left == Set(kept))
        await store.close()
    }

    @Test("a step that is interrupted leaves the first version as it was")
    func interrupted() throws {
        _ = try writeFirstVersion()
        let database = try Database(opening: directory.file("holds.db"), patience: .zero)
        #expect(throws: StoreFailure.self) {
            try Schema.prepare(database, migrations: Schema.migrations + ["SELECT nonsense"])
        }
        let count = try database.first("SELECT count(*) FROM contents") { row throws(StoreFailure) in
            try row.integer(0)
        }
        #expect(count == Int64(states.count) + 1)
        try Schema.prepare(database)
    }
}
