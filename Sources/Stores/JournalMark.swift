package import Calls
import Glibc
package import Holds

/// How far the journal was on disk, as the hold store was told: whoever cuts the journal's end has to change the store as
/// well.
///
/// Written at most once a second and when the gate ends, so the last second or two of a gate that was killed are not in it.
package struct JournalMark: Hashable, Sendable {
    package let seq: UInt64
    package let hash: Digest

    package init(seq: UInt64, hash: Digest) {
        self.seq = seq
        self.hash = hash
    }

    /// From the store in this state directory, whether a gate uses it or not; nil where there is none or it knows none.
    package static func read(state directory: String) throws(StoreFailure) -> JournalMark? {
        let path = "\(directory)/holds.db"
        guard access(path, F_OK) == 0 else { return nil }
        return try find(Database(opening: path, patience: .seconds(2), isReadOnly: true))
    }

    static func find(_ database: Database) throws(StoreFailure) -> JournalMark? {
        // A store of an earlier version has no such table.
        let tables = try database.rows("SELECT 1 FROM sqlite_schema WHERE name = 'journal_mark'", []) {
            row throws(StoreFailure) in try row.integer(0)
        }
        if tables.isEmpty { return nil }
        return try database.first("SELECT seq, hash FROM journal_mark") { row throws(StoreFailure) in
            guard let seq = UInt64(exactly: try row.integer(0)) else { throw row.damaged(0) }
            guard let hash = Digest(try row.blob(1)) else { throw row.damaged(1) }
            return JournalMark(seq: seq, hash: hash)
        }
    }

    func write(_ database: Database) throws(StoreFailure) {
        try database.run(
            "INSERT OR REPLACE INTO journal_mark (one, seq, hash) VALUES (1, ?1, ?2)",
            .integer(Int64(clamping: seq)), .blob(hash.bytes))
    }
}
