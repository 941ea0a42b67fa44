import Calls
import Holds

/// The statements over `holds`.
enum HoldTable {
    // Texts are made once: the statements are found by them, at each hold.
    static let selection = "SELECT \(HoldRow.columns) FROM holds WHERE id = ?1"
    static let attraction = "SELECT \(HoldRow.columns) FROM holds WHERE session = ?1 AND repeat_key = ?2 AND attracts"
    static let insertion = """
        INSERT INTO holds (\(HoldRow.columns), undecided, attracts, expirable, ended, attention)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19
        WHERE NOT EXISTS (SELECT 1 FROM holds WHERE id = ?1)
        """

    static func hold(_ id: HoldID, _ database: Database) throws(StoreFailure) -> Hold? {
        try database.first(
            selection, .text(id.description), read: HoldRow.hold)
    }

    /// A new hold as the values of its row, made before the store's one thread is asked.
    static func values(_ hold: Hold) -> [Database.Value] {
        [
            .text(hold.id.description), .text(hold.session.description), .text(hold.call.description),
            .blob(hold.digest.bytes), .blob(hold.repeatKey.bytes),
            hold.idempotency.map { .blob($0.bytes) } ?? .null, .integer(hold.created.milliseconds),
            .integer(hold.expires.milliseconds), .integer(Int64(hold.version)), .text(hold.state.name),
            .text(hold.state.detail), .text(hold.facts.json), hold.original.map { .blob($0.bytes) } ?? .null,
            .text(hold.deliberation.json), .truth(hold.state.isUndecided), .truth(hold.state.attracts),
            .truth(hold.state.canExpire), ended(hold), attention(hold),
        ]
    }

    /// Returns the row's key.
    static func insert(_ values: [Database.Value], _ database: Database) throws(StoreFailure) -> Int64 {
        guard try database.run(insertion, values) == 1 else {
            throw .unavailable(reason: "a hold of this id is in the store already")
        }
        return database.lastKey
    }

    /// The key of a hold's row.
    static func key(_ id: HoldID, _ database: Database) throws(StoreFailure) -> Int64? {
        try database.first("SELECT key FROM holds WHERE id = ?1", .text(id.description)) { row throws(StoreFailure) in
            try row.integer(0)
        }
    }

    /// Compare-and-swap; nil where the hold is gone or at another version.
    static func advance(
        _ id: HoldID, _ version: Int, _ change: HoldChange, _ database: Database
    ) throws(StoreFailure) -> Hold? {
        guard let hold = try next(id, version, change, database) else { return nil }
        try update(hold, database)
        if change.facts != nil || change.deliberation != nil || change.edited != nil { try restate(hold, database) }
        return hold
    }

    /// The hold as it will be after the change; nil where `version` is no longer the current one.
    static func next(
        _ id: HoldID, _ version: Int, _ change: HoldChange, _ database: Database
    ) throws(StoreFailure) -> Hold? {
        guard let known = try hold(id, database), known.version == version else { return nil }
        return try change.applied(to: known)
    }

    static func update(_ hold: Hold, _ database: Database) throws(StoreFailure) {
        let state = hold.state
        try database.run(
            """
            UPDATE holds SET state = ?2, detail = ?3, expires = ?4, version = ?5, undecided = ?6, attracts = ?7,
            expirable = ?8, ended = ?9, attention = ?10 WHERE id = ?1
            """,
            .text(hold.id.description), .text(state.name), .text(state.detail),
            .integer(hold.expires.milliseconds), .integer(Int64(hold.version)), .truth(state.isUndecided),
            .truth(state.attracts), .truth(state.canExpire), ended(hold), attention(hold))
    }

    private static func attention(_ hold: Hold) -> Database.Value {
        hold.attention.map { .integer($0.milliseconds) } ?? .null
    }

    static func approved(_ database: Database) throws(StoreFailure) -> Set<HoldID> {
        let ids = try database.rows("SELECT id FROM holds WHERE state = 'approved'", []) { row throws(StoreFailure) in
            HoldID(try row.text(0))
        }
        return Set(ids.compactMap { $0 })
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

    /// Since when a hold may be forgotten; null while anybody still has to decide, to send, to find out or to collect.
    private static func ended(_ hold: Hold) -> Database.Value {
        switch hold.state {
        case .pending, .approved, .stale, .sending, .uncertain: .null
        case .expired, .killed, .withdrawn: .integer(hold.expires.milliseconds)
        case .rejected(let decision): .integer(decision.at.milliseconds)
        case .done(let answer):
            answer.delivery == .kept ? .null : .integer(answer.decision.at.milliseconds)
        case .resolved(let resolution):
            hold.state.attracts ? .null : .integer(resolution.decision.at.milliseconds)
        }
    }

    /// Removes up to `limit` holds that ended before `time`, with their contents; names their spool files, to be removed
    /// after the commit.
    static func forget(
        endedBefore time: Timestamp, _ limit: Int, _ database: Database
    ) throws(StoreFailure) -> (count: Int, files: [String]) {
        let ids = try database.rows(
            "SELECT id FROM holds WHERE ended < ?1 ORDER BY ended LIMIT ?2",
            [.integer(time.milliseconds), .integer(Int64(limit))]
        ) { row throws(StoreFailure) in try row.text(0) }
        var files: [String] = []
        for id in ids {
            if let hold = HoldID(id) {
                files += try ContentTable.files(.request, of: hold, database)
                files += try ContentTable.files(.answer, of: hold, database)
            }
            try database.run("DELETE FROM holds WHERE id = ?1", .text(id))
        }
        return (ids.count, files)
    }

    /// What the hold is decided by, and what people have done about it.
    private static func restate(_ hold: Hold, _ database: Database) throws(StoreFailure) {
        try database.run(
            "UPDATE holds SET facts = ?2, deliberation = ?3, digest = ?4, original = ?5 WHERE id = ?1",
            .text(hold.id.description), .text(hold.facts.json), .text(hold.deliberation.json), .blob(hold.digest.bytes),
            hold.original.map { .blob($0.bytes) } ?? .null)
    }

    /// The hold that a call with these keys belongs to.
    static func attracting(_ hold: Hold, _ database: Database) throws(StoreFailure) -> Hold? {
        try database.first(
            attraction,
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
            "SELECT count(*) FROM (SELECT 1 FROM holds WHERE session = ?1 AND state IN ('pending', 'stale') LIMIT ?2)",
            .text(session.description), .integer(Int64(limits.pendingPerSession)), read: count)
        guard mine ?? 0 < limits.pendingPerSession else {
            return .full(limit: "hold.max_pending_per_session", value: limits.pendingPerSession)
        }
        return nil
    }

    static func needingAttention(
        at now: Timestamp, _ limit: Int, _ database: Database
    ) throws(StoreFailure) -> [Hold] {
        try database.rows(
            "SELECT \(HoldRow.columns) FROM holds WHERE attention IS NOT NULL AND attention <= ?1 ORDER BY attention LIMIT ?2",
            [.integer(now.milliseconds), .integer(Int64(limit))], HoldRow.hold)
    }

    static func due(at now: Timestamp, _ limit: Int, _ database: Database) throws(StoreFailure) -> [Hold] {
        try database.rows(
            "SELECT \(HoldRow.columns) FROM holds WHERE expirable AND expires <= ?1 ORDER BY expires LIMIT ?2",
            [.integer(now.milliseconds), .integer(Int64(limit))], HoldRow.hold)
    }
}

extension Database.Value {
    static func truth(_ value: Bool) -> Database.Value { .integer(value ? 1 : 0) }
}
