import Calls
import Holds

/// The statements over `contents`.
enum ContentTable {
    /// - Parameter file: synced first where there is one, so that a row never names bytes that a power cut takes.
    static func insert(
        _ sealed: [UInt8], _ file: String?, _ kind: Vault.Kind, of id: HoldID, _ spool: Spool, _ database: Database
    ) throws(StoreFailure) {
        if let file { try spool.synchronise(file) }
        try database.run(
            "INSERT INTO contents (hold, kind, sealed, spool) VALUES (?1, ?2, ?3, ?4)", .text(id.description),
            .text(kind.rawValue), .blob(sealed), file.map { .text($0) } ?? .null)
    }

    static func find(
        _ kind: Vault.Kind, of id: HoldID, _ database: Database
    ) throws(StoreFailure) -> (sealed: [UInt8], digest: Digest, spool: String?)? {
        try database.first(
            """
            SELECT sealed, spool, digest FROM contents JOIN holds ON holds.id = contents.hold
            WHERE hold = ?1 AND kind = ?2
            """,
            .text(id.description), .text(kind.rawValue)
        ) { row throws(StoreFailure) in
            guard let digest = Digest(try row.blob(2)) else { throw row.damaged(2) }
            return (try row.blob(0), digest, row.isNull(1) ? nil : try row.text(1))
        }
    }

    /// Gives up what a hold does not need any more, and names the spool files to be removed after the commit.
    ///
    /// The request's bytes stay for the operator's screen; its file goes when the call cannot be sent any more. An
    /// answer goes when it was delivered.
    static func release(_ hold: Hold, _ database: Database) throws(StoreFailure) -> [String] {
        var kinds: [Vault.Kind] = []
        switch hold.state {
        case .pending, .approved, .rejected, .sending, .uncertain, .stale: break
        case .expired, .killed, .resolved: kinds = [.request]
        case .done(let answer): kinds = answer.delivery == .delivered ? [.request, .answer] : [.request]
        }
        var files: [String] = []
        for kind in kinds {
            let id = Database.Value.text(hold.id.description)
            if let file = try find(kind, of: hold.id, database)?.spool { files.append(file) }
            switch kind {
            case .answer:
                try database.run("DELETE FROM contents WHERE hold = ?1 AND kind = 'answer'", id)
            case .request: break
            }
        }
        return files
    }
}
