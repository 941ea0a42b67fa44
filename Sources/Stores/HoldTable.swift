import Calls
import Holds

/// The statements over `holds`.
enum HoldTable {
    static func hold(_ id: HoldID, _ database: Database) throws(StoreFailure) -> Hold? {
        try database.first(
            "SELECT \(HoldRow.columns) FROM holds WHERE id = ?1", .text(id.description), read: HoldRow.hold)
    }

    static func insert(_ hold: Hold, _ database: Database) throws(StoreFailure) {
        try database.run(
            """
            INSERT INTO holds (\(HoldRow.columns), undecided, attracts, expirable)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """,
            .text(hold.id.description), .text(hold.session.description), .text(hold.call.description),
            .blob(hold.digest.bytes), .blob(hold.repeatKey.bytes),
            hold.idempotency.map { .blob($0.bytes) } ?? .null, .integer(hold.created.milliseconds),
            .integer(hold.expires.milliseconds), .integer(Int64(hold.version)), .text(hold.state.name),
            .text(hold.state.detail), .text(hold.facts.json), .truth(hold.state.isUndecided),
            .truth(hold.state.attracts), .truth(hold.state.canExpire))
    }

    /// Compare-and-swap; nil where the hold is gone or at another version.
    static func advance(
        _ id: HoldID, _ version: Int, to state: HoldState, expires: Timestamp?, _ database: Database
    ) throws(StoreFailure) -> Hold? {
        guard var hold = try hold(id, database), hold.version == version else { return nil }
        guard hold.state.leads(to: state) else { throw .impossible(from: hold.state.name, to: state.name) }
        hold.state = state
        hold.version += 1
        if let expires { hold.expires = expires }
        try database.run(
            """
            UPDATE holds SET state = ?2, detail = ?3, expires = ?4, version = ?5, undecided = ?6, attracts = ?7,
            expirable = ?8 WHERE id = ?1
            """,
            .text(id.description), .text(state.name), .text(state.detail), .integer(hold.expires.milliseconds),
            .integer(Int64(hold.version)), .truth(state.isUndecided), .truth(state.attracts), .truth(state.canExpire))
        return hold
    }

    /// Holds of a scope that nothing was sent of. In no order: sorting a million of them for each transaction of a kill
    /// would take longer than the kill.
    static func unsent(_ scope: Scope, _ limit: Int, _ database: Database) throws(StoreFailure) -> [Hold] {
        let (condition, values): (String, [Database.Value]) =
            switch scope {
            case .everything: ("", [])
            case .session(let session): ("AND session = ?", [.text(session.description)])
            // Its runs are `agent/run`, and `0` follows `/`.
            case .agent(let agent):
                ("AND (session = ? OR session > ? AND session < ?)", ["", "/", "0"].map { .text("\(agent)\($0)") })
            }
        return try database.rows(
            """
            SELECT \(HoldRow.columns) FROM holds WHERE state IN ('pending', 'stale', 'approved') \(condition) LIMIT ?
            """, values + [.integer(Int64(limit))], HoldRow.hold)
    }

    /// What the hold is decided by.
    static func restate(_ hold: Hold, _ database: Database) throws(StoreFailure) {
        try database.run(
            "UPDATE holds SET facts = ?2 WHERE id = ?1", .text(hold.id.description), .text(hold.facts.json))
    }

    /// The hold that a call with these keys belongs to.
    static func attracting(_ hold: Hold, _ database: Database) throws(StoreFailure) -> Hold? {
        try database.first(
            "SELECT \(HoldRow.columns) FROM holds WHERE session = ?1 AND repeat_key = ?2 AND attracts",
            .text(hold.session.description), .blob(hold.repeatKey.bytes), read: HoldRow.hold)
    }

    /// A different request of the session under the same Idempotency-Key.
    static func conflicting(_ hold: Hold, _ database: Database) throws(StoreFailure) -> Hold? {
        guard let key = hold.idempotency else { return nil }
        return try database.first(
            """
            SELECT \(HoldRow.columns) FROM holds
            WHERE idempotency = ?1 AND session = ?2 AND repeat_key <> ?3 LIMIT 1
            """,
            .blob(key.bytes), .text(hold.session.description), .blob(hold.repeatKey.bytes), read: HoldRow.hold)
    }

    /// The limit that one more hold would exceed.
    static func exceeded(
        _ limits: EnrolmentLimits, _ session: SessionID, _ database: Database
    ) throws(StoreFailure) -> Enrolment? {
        let count = { (row: Database.Row) throws(StoreFailure) in try row.integer(0) }
        let all = try database.first("SELECT undecided FROM tally", read: count) ?? 0
        if all >= limits.pending { return .full(limit: "hold.max_pending", value: limits.pending) }
        let mine = try database.first(
            "SELECT count(*) FROM (SELECT 1 FROM holds WHERE session = ?1 AND undecided LIMIT ?2)",
            .text(session.description), .integer(Int64(limits.pendingPerSession)), read: count)
        guard mine ?? 0 < limits.pendingPerSession else {
            return .full(limit: "hold.max_pending_per_session", value: limits.pendingPerSession)
        }
        return nil
    }

    static func due(at now: Timestamp, _ limit: Int, _ database: Database) throws(StoreFailure) -> [Hold] {
        try database.rows(
            "SELECT \(HoldRow.columns) FROM holds WHERE expirable AND expires <= ?1 ORDER BY expires LIMIT ?2",
            [.integer(now.milliseconds), .integer(Int64(limit))], HoldRow.hold)
    }

    /// Newest first, undecided ones before the others.
    static func holds(_ query: HoldQuery, _ database: Database) throws(StoreFailure) -> [Hold] {
        var conditions: [String] = []
        var values: [Database.Value] = []
        if !query.states.isEmpty {
            // Names that no state has match nothing, and would each make a statement of their own.
            let states = HoldState.names.intersection(query.states).sorted()
            conditions.append("state IN (\(states.map { _ in "?" }.joined(separator: ", ")))")
            values += states.map { .text($0) }
        }
        if let session = query.session {
            conditions.append("session = ?")
            values.append(.text(session.description))
        }
        if let prefix = query.prefix {
            // The alphabet of ids ends before `{`.
            conditions.append("id >= ? AND id < ?")
            values += [.text(prefix), .text(prefix + "{")]
        }
        values.append(.integer(Int64(max(0, query.limit))))
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return try database.rows(
            "SELECT \(HoldRow.columns) FROM holds \(filter) ORDER BY undecided DESC, created DESC, id LIMIT ?", values,
            HoldRow.hold)
    }

    /// The files that belong to a hold which still needs them (see `ContentTable.release`).
    static func spoolNames(_ database: Database) throws(StoreFailure) -> Set<String> {
        Set(
            try database.rows(
                """
                SELECT spool FROM contents JOIN holds ON holds.id = contents.hold
                WHERE spool IS NOT NULL AND (kind = 'answer' OR state NOT IN ('expired', 'killed', 'resolved', 'done'))
                """, []
            ) { row throws(StoreFailure) in try row.text(0) })
    }
}

extension Database.Value {
    static func truth(_ value: Bool) -> Database.Value { .integer(value ? 1 : 0) }
}
