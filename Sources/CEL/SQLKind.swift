/// What SQL would do, by its words: the most harmful statement counts, and what databases read in different ways
/// (comments of one that are code of another, backslashes before quotes) is unknown.
enum SQLKind: String, CaseIterable {
    // From harmless to harmful.
    case none, read, session, insert, update, schema, privilege, delete, drop, execute, unknown

    private var harm: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }

    private static func worst(_ a: SQLKind, _ b: SQLKind) -> SQLKind { a.harm >= b.harm ? a : b }

    static func of(_ text: ByteString) -> SQLKind {
        guard let statements = SQLWords.statements(text) else { return .unknown }
        return statements.reduce(.none) { worst($0, kind(of: $1)) }
    }

    private static func kind(of statement: SQLWords.Statement) -> SQLKind {
        let words = statement.words
        guard let first = words.first else { return .none }
        if words.contains(where: isCommand) || statement.called.contains(where: { isCommand($0) || isReaching($0) }) {
            return .execute
        }
        switch first {
        case "SELECT", "VALUES", "TABLE": return query(words)
        case "SHOW", "DESCRIBE", "DESC": return .read
        case "WITH": return words.dropFirst().reduce(query(words)) { worst($0, written[$1] ?? .none) }
        case "EXPLAIN":
            let isRun = words.contains("ANALYZE") || words.contains("ANALYSE")
            return isRun ? words.dropFirst().reduce(.read) { worst($0, written[$1] ?? .none) } : .read
        case "SET", "RESET":
            return words.contains(where: rights.contains) ? .privilege : .session
        case "INSERT":
            return words.contains("UPDATE") || words.contains("REPLACE") ? .update : .insert
        case "MERGE": return words.contains("DELETE") ? .delete : .update
        case "CREATE", "ALTER":
            if words.contains("DROP") || words.contains("TRUNCATE") { return .drop }
            let first = words.dropFirst().prefix(4)
            if first.contains(where: accounts.contains) { return .privilege }
            return first.contains(where: code.contains) ? .execute : .schema
        default: return written[first] ?? .unknown
        }
    }

    /// A query reads, unless it writes what it found somewhere.
    private static func query(_ words: [String]) -> SQLKind {
        if words.contains("OUTFILE") || words.contains("DUMPFILE") { return .execute }
        return words.contains("INTO") ? .insert : .read
    }

    /// Functions that act on the server or on others.
    private static func isCommand(_ word: String) -> Bool {
        commands.contains(word)
            || commandPrefixes.contains(where: word.hasPrefix) && !tellingPrefixes.contains(where: word.hasPrefix)
    }

    /// Functions whose names are usual for columns too.
    private static func isReaching(_ name: String) -> Bool {
        reaching.contains(name) || reachingPrefixes.contains(where: name.hasPrefix)
    }

    private static let commands: Set = [
        "LOAD_FILE", "SYS_EXEC", "SYS_EVAL", "SETVAL", "SET_CONFIG", "QUERY_TO_XML", "LOAD_EXTENSION", "WRITEFILE",
        "OPENQUERY", "OPENROWSET", "OPENDATASOURCE", "EXTERNAL_QUERY", "REMOTESECURE",
    ]
    private static let commandPrefixes = ["PG_", "LO_", "DBLINK", "XP_", "SP_", "UTL_", "DBMS_", "SYSTEM$"]
    /// Snowflake's functions that only tell.
    private static let tellingPrefixes = [
        "SYSTEM$TYPEOF", "SYSTEM$CLUSTERING_", "SYSTEM$GET_", "SYSTEM$SHOW_", "SYSTEM$ESTIMATE_", "SYSTEM$EXPLAIN_",
        "SYSTEM$STREAM_", "SYSTEM$PIPE_STATUS", "SYSTEM$LAST_CHANGE_", "SYSTEM$ALLOWLIST",
    ]
    private static let reaching: Set = [
        "URL", "URLCLUSTER", "S3", "S3CLUSTER", "FILE", "HDFS", "HTTP", "HTTPURITYPE", "REMOTE", "CLUSTER", "JDBC",
        "ODBC", "MYSQL", "POSTGRESQL", "MONGODB", "EXECUTABLE",
    ]
    private static let reachingPrefixes = ["HTTP_", "READ_CSV", "READ_JSON", "READ_PARQUET", "READ_TEXT", "READ_BLOB"]
    private static let rights: Set = ["ROLE", "AUTHORIZATION", "GLOBAL", "PASSWORD", "PERSIST"]
    private static let accounts: Set = ["ROLE", "USER", "LOGIN", "POLICY"]
    private static let code: Set = [
        "FUNCTION", "PROCEDURE", "TRIGGER", "EXTENSION", "EVENT", "SERVER", "LANGUAGE", "SYSTEM",
    ]

    private static let written: [String: SQLKind] = [
        "INSERT": .insert, "UPDATE": .update, "REPLACE": .update, "UPSERT": .update, "MERGE": .update,
        "DELETE": .delete, "DROP": .drop, "TRUNCATE": .drop, "PURGE": .drop,
        "CREATE": .schema, "ALTER": .schema, "RENAME": .schema, "COMMENT": .schema, "REINDEX": .schema,
        "VACUUM": .schema, "ANALYZE": .schema, "CLUSTER": .schema, "REFRESH": .schema, "OPTIMIZE": .schema,
        "GRANT": .privilege, "REVOKE": .privilege, "DENY": .privilege,
        "BEGIN": .session, "START": .session, "COMMIT": .session, "END": .session, "ROLLBACK": .session,
        "SAVEPOINT": .session, "RELEASE": .session, "ABORT": .session, "USE": .session,
        "CALL": .execute, "EXEC": .execute, "EXECUTE": .execute, "DO": .execute, "COPY": .execute, "LOAD": .execute,
        "PREPARE": .execute, "KILL": .execute, "SHUTDOWN": .execute, "ATTACH": .execute, "DETACH": .execute,
        "BACKUP": .execute, "RESTORE": .execute, "HANDLER": .execute, "INSTALL": .execute, "IMPORT": .execute,
    ]
}
