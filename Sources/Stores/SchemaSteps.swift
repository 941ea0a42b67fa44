extension Schema {
    /// To 2: holds are named by an integer inside the store, so that contents lie in the order of their making and
    /// indexes stay small; requests and answers have a table each; each index serves a listing whole, in its order; and
    /// `ended` says since when a hold may be forgotten.
    static let integerKeys = """
        DROP INDEX attracting; DROP INDEX idempotent; DROP INDEX undecided; DROP INDEX due; DROP INDEX listed;
        DROP INDEX by_state; DROP INDEX spooled;
        DROP TRIGGER tally_insert; DROP TRIGGER tally_update; DROP TRIGGER tally_delete;
        ALTER TABLE contents RENAME TO contents_1;
        ALTER TABLE holds RENAME TO holds_1;

        CREATE TABLE holds (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
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
            expirable INTEGER NOT NULL,
            ended INTEGER
        ) STRICT;
        INSERT INTO holds (id, session, call, digest, repeat_key, idempotency, created, expires, version, state, detail,
            facts, undecided, attracts, expirable, ended)
        SELECT id, session, call, digest, repeat_key, idempotency, created, expires, version, state, detail, facts,
            undecided, attracts, expirable,
            CASE
                WHEN undecided OR expirable OR state IN ('sending', 'uncertain') THEN NULL
                WHEN state = 'expired' THEN expires
                WHEN attracts AND state <> 'rejected' THEN NULL
                WHEN json_valid(detail) THEN CAST(json_extract(detail, '$.at') AS INTEGER)
            END
        FROM holds_1 ORDER BY created;

        CREATE TABLE requests (
            hold INTEGER PRIMARY KEY REFERENCES holds (key) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            spool TEXT
        ) STRICT;
        CREATE TABLE answers (
            hold INTEGER PRIMARY KEY REFERENCES holds (key) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            spool TEXT
        ) STRICT;
        -- Ids are unique because a row is inserted only where its id is not there yet; a unique index of ids alone, beside
        -- this one that serves lists, would be one more to write at each hold. Made now: contents are joined by it.
        CREATE INDEX by_id ON holds (id, state, created, session);
        INSERT INTO requests SELECT key, sealed, spool FROM holds JOIN contents_1 ON contents_1.hold = holds.id
            WHERE kind = 'request' ORDER BY key;
        INSERT INTO answers SELECT key, sealed, spool FROM holds JOIN contents_1 ON contents_1.hold = holds.id
            WHERE kind = 'answer' ORDER BY key;
        DROP TABLE contents_1;
        DROP TABLE holds_1;

        -- At most one hold takes in a repeated call: a second one cannot be written.
        CREATE UNIQUE INDEX attracting ON holds (session, repeat_key) WHERE attracts;
        CREATE INDEX idempotent ON holds (idempotency) WHERE idempotency IS NOT NULL;
        CREATE INDEX due ON holds (expires) WHERE expirable;
        CREATE INDEX ended ON holds (ended) WHERE ended IS NOT NULL;
        -- Both end with what lists are sorted by and ids are filtered by: no row is looked at that is not shown.
        CREATE INDEX by_state ON holds (state, created DESC, id);
        CREATE INDEX by_session ON holds (session, state, created DESC, id);
        CREATE INDEX spooled_requests ON requests (hold) WHERE spool IS NOT NULL;
        CREATE INDEX spooled_answers ON answers (hold) WHERE spool IS NOT NULL;

        CREATE TRIGGER tally_insert AFTER INSERT ON holds WHEN new.undecided
            BEGIN UPDATE tally SET undecided = undecided + 1; END;
        CREATE TRIGGER tally_update AFTER UPDATE OF undecided ON holds WHEN old.undecided <> new.undecided
            BEGIN UPDATE tally SET undecided = undecided + new.undecided - old.undecided; END;
        CREATE TRIGGER tally_delete AFTER DELETE ON holds WHEN old.undecided
            BEGIN UPDATE tally SET undecided = undecided - 1; END;
        """

    /// How far the journal had come when the store last wrote: see `JournalMark`.
    static let journalMark = """
        CREATE TABLE journal_mark (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            seq INTEGER NOT NULL,
            hash BLOB NOT NULL
        ) STRICT;
        """

    /// To 5: what people have done about a hold and when the clock has something to do about it; a call that was changed
    /// beside the one that came; what the call is about to change; and grants.
    static let tickets = """
        ALTER TABLE holds ADD COLUMN original BLOB;
        ALTER TABLE holds ADD COLUMN deliberation TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE holds ADD COLUMN attention INTEGER;
        CREATE INDEX attention ON holds (attention) WHERE attention IS NOT NULL;
        CREATE TABLE edited (
            hold INTEGER PRIMARY KEY REFERENCES holds (key) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            spool TEXT
        ) STRICT;
        CREATE TABLE befores (
            hold INTEGER PRIMARY KEY REFERENCES holds (key) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            spool TEXT
        ) STRICT;
        CREATE TABLE grants (
            id TEXT PRIMARY KEY,
            scope TEXT NOT NULL,
            rule TEXT NOT NULL,
            expires INTEGER NOT NULL,
            version INTEGER NOT NULL,
            detail TEXT NOT NULL,
            ended INTEGER
        ) STRICT;
        CREATE INDEX standing_grants ON grants (scope, rule) WHERE ended IS NULL;
        """
}
