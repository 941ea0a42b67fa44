import Holds

/// The tables, and the way to them from each earlier version (`PRAGMA user_version`).
enum Schema {
    /// Steps from version n to n + 1; never edited once released, only added to.
    static let migrations = [
        """
        CREATE TABLE holds (
            id TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            call TEXT NOT NULL,
            digest BLOB NOT NULL,
            repeat_key BLOB NOT NULL,
            idempotency BLOB,
            created INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            version INTEGER NOT NULL,
            state TEXT NOT NULL,
            detail TEXT NOT NULL,
            facts TEXT NOT NULL,
            undecided INTEGER NOT NULL,
            attracts INTEGER NOT NULL,
            expirable INTEGER NOT NULL
        ) STRICT;
        -- At most one hold takes in a repeated call: a second one cannot be written.
        CREATE UNIQUE INDEX attracting ON holds (session, repeat_key) WHERE attracts;
        CREATE INDEX idempotent ON holds (idempotency) WHERE idempotency IS NOT NULL;
        CREATE INDEX undecided ON holds (session) WHERE undecided;
        CREATE INDEX due ON holds (expires) WHERE expirable;
        CREATE INDEX listed ON holds (undecided DESC, created DESC, id);
        CREATE INDEX by_state ON holds (state, created DESC);

        CREATE TABLE contents (
            hold TEXT NOT NULL REFERENCES holds (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            sealed BLOB NOT NULL,
            spool TEXT,
            PRIMARY KEY (hold, kind)
        ) STRICT;
        CREATE INDEX spooled ON contents (spool) WHERE spool IS NOT NULL;

        -- How many holds are undecided: counting a million of them at each new hold would take longer than the hold.
        CREATE TABLE tally (undecided INTEGER NOT NULL) STRICT;
        INSERT INTO tally VALUES (0);
        CREATE TRIGGER tally_insert AFTER INSERT ON holds WHEN new.undecided
            BEGIN UPDATE tally SET undecided = undecided + 1; END;
        CREATE TRIGGER tally_update AFTER UPDATE OF undecided ON holds WHEN old.undecided <> new.undecided
            BEGIN UPDATE tally SET undecided = undecided + new.undecided - old.undecided; END;
        CREATE TRIGGER tally_delete AFTER DELETE ON holds WHEN old.undecided
            BEGIN UPDATE tally SET undecided = undecided - 1; END;
        """,
        integerKeys,
        journalMark,
        """
        CREATE TABLE stops (
            scope TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            cause TEXT NOT NULL,
            subject TEXT NOT NULL,
            uid INTEGER,
            reason TEXT
        ) STRICT;
        """,
        tickets,
    ]

    /// Memory for pages of the file.
    static let cacheKiB = 64 << 10
    /// Bytes of the write-ahead log that stay with the file after a burst.
    static let longestLog = 16 << 20

    /// Sets the connection up and brings the file to the newest version, in one transaction.
    static func prepare(_ database: Database, migrations: [String] = migrations) throws(StoreFailure) {
        let mode = try database.first("PRAGMA journal_mode = WAL") { row throws(StoreFailure) in try row.text(0) }
        guard mode == "wal" else {
            throw .unavailable(
                reason: "SQLite cannot use a write-ahead log here; is the state directory on a local disk?")
        }
        // FULL: what was confirmed is on disk, not only with the kernel. The page cache holds what a new hold changes of
        // each index of a million holds, and savepoints keep their undo pages in memory instead of temporary files.
        try database.script(
            """
            PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
            PRAGMA cache_size = -\(cacheKiB); PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = \(longestLog)
            """)
        try database.script("BEGIN IMMEDIATE")
        do throws(StoreFailure) {
            let found =
                try database.first("PRAGMA user_version") { row throws(StoreFailure) in try row.integer(0) } ?? 0
            guard found >= 0, found <= migrations.count else {
                throw .unavailable(
                    reason:
                        "the store was written by a newer tiergate (schema \(found), this one knows up to \(migrations.count))"
                )
            }
            for step in migrations[Int(found)...] { try database.script(step) }
            try database.script("PRAGMA user_version = \(migrations.count); COMMIT")
        } catch {
            try? database.script("ROLLBACK")
            throw error
        }
    }
}
