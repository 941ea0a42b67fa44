import Calls
import Holds
import Testing

@testable import Stores

struct HoldListingTests {
    let scratch: Scratch
    let database: Database

    init() throws {
        scratch = try Scratch()
        database = try Database(opening: scratch.path + "/holds.db", patience: .zero)
        try Schema.prepare(database)
    }

    private func plan(_ sql: String) throws -> [String] {
        try database.rows("EXPLAIN QUERY PLAN " + sql, []) { row throws(StoreFailure) in try row.text(3) }
    }

    @Test(
        "no statement of a listing looks through a table or sorts",
        arguments: [
            HoldListing.whole, HoldListing.few, HoldListing.count, HoldListing.inState, HoldListing.inSession,
            HoldListing.beginningInState, HoldListing.beginningInSession,
        ])
    func listings(sql: String) throws {
        let steps = try plan(sql)
        #expect(steps.contains { $0.hasPrefix("SEARCH holds USING") })
        for step in steps {
            // The counting of a part that an index has found is no search of its own.
            #expect(!step.contains("SCAN holds") && !step.contains("TEMP B-TREE"), "\(steps)")
        }
        if sql != HoldListing.whole {
            #expect(steps.filter { $0.contains("holds") }.allSatisfy { $0.contains("COVERING INDEX") }, "\(steps)")
        }
    }

    @Test(
        "nor does any other statement that runs while agents wait",
        arguments: [
            HoldTable.selection, HoldTable.attraction,
            "SELECT 1 FROM holds WHERE session = 's' AND state IN ('pending', 'stale') LIMIT 32",
            "SELECT id FROM holds WHERE idempotency = x'00' AND session = 's' AND repeat_key <> x'00' LIMIT 1",
            "SELECT id FROM holds WHERE expirable AND expires <= 1 ORDER BY expires LIMIT 2",
            "SELECT id FROM holds WHERE ended < 1 ORDER BY ended LIMIT 2",
            "SELECT sealed, spool, digest FROM holds JOIN requests ON hold = key WHERE id = ?1",
        ])
    func others(sql: String) throws {
        let steps = try plan(sql)
        #expect(steps.contains { $0.hasPrefix("SEARCH holds USING") }, "\(steps)")
        #expect(steps.allSatisfy { !$0.contains("SCAN") && !$0.contains("TEMP B-TREE") }, "\(steps)")
    }

    @Test("a second hold of one id cannot be written, and another can")
    func unique() throws {
        let hold = Sample.hold()
        _ = try HoldTable.insert(HoldTable.values(hold), database)
        #expect(throws: StoreFailure.self) { try HoldTable.insert(HoldTable.values(hold), database) }
        _ = try HoldTable.insert(HoldTable.values(Sample.hold()), database)
    }

    @Test("a beginning of an id that many have lists the same as one that few have, for each filter")
    func beginnings() throws {
        let decided: [HoldState] = [.pending, .stale(cause: "rules"), .rejected(Sample.decision), .expired]
        var all: [Hold] = []
        try database.script("BEGIN")
        for index in 0..<(HoldListing.widestPrefix + 200) {
            let hold = Sample.hold(session: "s\(index % 3)", created: Int64(index / 4)).with(state: decided[index % 4])
            all.append(hold)
            _ = try HoldTable.insert(HoldTable.values(hold), database)
        }
        try database.script("COMMIT")
        all.sort {
            if $0.state.isUndecided != $1.state.isUndecided { return $0.state.isUndecided }
            return ($1.created, $0.id.description) < ($0.created, $1.id.description)
        }
        for prefix in [nil, "h_", "h_0", "h_5", "h_00", "h_zz", all[7].id.description, "h_nobody"] {
            for session in [nil, "s1", "none"] {
                for states in [[], ["pending"], ["stale", "expired"], ["sending"]] {
                    let expected = all.filter {
                        $0.id.description.hasPrefix(prefix ?? "")
                            && (session ?? $0.session.description) == $0.session.description
                            && (states.isEmpty || states.contains($0.state.name))
                    }
                    let query = HoldQuery(
                        states: states, session: session.map { SessionID($0) }, prefix: prefix, limit: 50)
                    let found = try HoldListing.holds(query, database)
                    #expect(found.map(\.id) == expected.prefix(50).map(\.id), "\(query)")
                }
            }
        }
    }
}
