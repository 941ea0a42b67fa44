import Calls
import Holds

/// The statements over `requests`, `answers`, `edited` and `befores`.
enum ContentTable {
    /// - Parameter file: synced first where there is one, so that a row never names bytes that a power cut takes.
    static func insert(
        _ sealed: [UInt8], _ file: String?, _ kind: Vault.Kind, of key: Int64, _ spool: Spool, _ database: Database
    ) throws(StoreFailure) {
        if let file { try spool.synchronise(file) }
        let sql =
            switch kind {
            case .request: "INSERT INTO requests (hold, sealed, spool) VALUES (?1, ?2, ?3)"
            case .answer: "INSERT INTO answers (hold, sealed, spool) VALUES (?1, ?2, ?3)"
            case .edited: "INSERT OR REPLACE INTO edited (hold, sealed, spool) VALUES (?1, ?2, ?3)"
            case .before: "INSERT OR REPLACE INTO befores (hold, sealed, spool) VALUES (?1, ?2, ?3)"
            }
        try database.run(sql, .integer(key), .blob(sealed), file.map { .text($0) } ?? .null)
    }

    static func find(
        _ kind: Vault.Kind, of id: HoldID, _ database: Database
    ) throws(StoreFailure) -> (sealed: [UInt8], digest: Digest, spool: String?)? {
        let sql =
            switch kind {
            // What came with the call, or was read for it, is bound to what the agent sent; the rest to what is sent.
            case .request:
                "SELECT sealed, spool, coalesce(original, digest) FROM holds JOIN requests ON hold = key WHERE id = ?1"
            case .answer: "SELECT sealed, spool, digest FROM holds JOIN answers ON hold = key WHERE id = ?1"
            case .edited: "SELECT sealed, spool, digest FROM holds JOIN edited ON hold = key WHERE id = ?1"
            case .before:
                "SELECT sealed, spool, coalesce(original, digest) FROM holds JOIN befores ON hold = key WHERE id = ?1"
            }
        return try database.first(sql, .text(id.description)) { row throws(StoreFailure) in
            guard let digest = Digest(try row.blob(2)) else { throw row.damaged(2) }
            return (try row.blob(0), digest, row.isNull(1) ? nil : try row.text(1))
        }
    }

    /// Gives up what a hold does not need any more, and names the spool files to be removed after the commit.
    ///
    /// The request's bytes stay for the operator's screen; its file goes when the call cannot be sent any more. An
    /// answer goes when it was delivered.
    static func release(_ hold: Hold, _ database: Database) throws(StoreFailure) -> [String] {
        switch hold.state {
        case .pending, .approved, .rejected, .sending, .uncertain, .stale: return []
        case .expired, .killed, .withdrawn, .resolved: return try files(.request, of: hold.id, database)
        case .done(let answer):
            let files = try files(.request, of: hold.id, database)
            guard answer.delivery == .delivered else { return files }
            let kept = try Self.files(.answer, of: hold.id, database)
            try database.run(
                "DELETE FROM answers WHERE hold = (SELECT key FROM holds WHERE id = ?1)", .text(hold.id.description))
            return files + kept
        }
    }

    /// The spool file of a content, none or one.
    static func files(_ kind: Vault.Kind, of id: HoldID, _ database: Database) throws(StoreFailure) -> [String] {
        let sql: String
        switch kind {
        case .request: sql = "SELECT spool FROM holds JOIN requests ON hold = key WHERE id = ?1 AND spool IS NOT NULL"
        case .answer: sql = "SELECT spool FROM holds JOIN answers ON hold = key WHERE id = ?1 AND spool IS NOT NULL"
        // An edited body is one that was judged whole, and an observation has a limit: neither is in a file.
        case .edited, .before: return []
        }
        return try database.rows(sql, [.text(id.description)]) { row throws(StoreFailure) in try row.text(0) }
    }

    /// The files that belong to a hold which still needs them (see `release`).
    static func spoolNames(_ database: Database) throws(StoreFailure) -> Set<String> {
        let name = { (row: Database.Row) throws(StoreFailure) in try row.text(0) }
        let requests = try database.rows(
            """
            SELECT spool FROM requests JOIN holds ON key = hold
            WHERE spool IS NOT NULL AND state NOT IN ('expired', 'killed', 'withdrawn', 'resolved', 'done')
            """, [], name)
        return Set(requests + (try database.rows("SELECT spool FROM answers WHERE spool IS NOT NULL", [], name)))
    }
}
