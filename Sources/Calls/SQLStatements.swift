import JSON

/// Tells statements apart by their words, without parsing them.
enum SQLStatements {
    private typealias Token = SQLLexer.Token

    /// Characters of one text that are looked at; a longer one is not understood.
    static let limit = 256 << 10

    /// - Parameter asStatements: whether the text is known to be SQL, so that what no rule here fits is unknown.
    static func kind(_ text: Text, asStatements: Bool) -> SQLKind? {
        guard text.utf8.count <= limit else { return asStatements || begins(text) ? .unknown : nil }
        if !asStatements, !begins(text) { return nil }
        let scalars = Array(text.string.unicodeScalars)
        var worst: SQLKind?
        var isWholeSomewhere = false
        for dialect in SQLDialect.all {
            let (tokens, isWhole) = SQLLexer.tokens(scalars, dialect)
            isWholeSomewhere = isWholeSomewhere || isWhole
            // Some servers carry out what stands before the statement that they cannot read.
            let statements = tokens.split(separator: .mark(";")).dropLast(isWhole ? 0 : 1)
            for statement in statements {
                guard let kind = kind(of: statement, asStatements) else { continue }
                worst = max(worst ?? kind, kind)
            }
        }
        guard isWholeSomewhere else { return asStatements ? max(worst ?? .unknown, .unknown) : worst }
        return worst
    }

    /// A cheap look at the first letter that is no comment's: prose begins with one of these words too, and is sorted out
    /// later by what follows.
    private static func begins(_ text: Text) -> Bool {
        let first = text.utf8.first { !($0 <= 0x20 || $0 == 0x28 || $0 == 0x3B) } ?? 0
        return first == 0x2D || first == 0x2F || first == 0x23 || first >= 0x80
            || "abcdefgilmprstuvwx".utf8.contains(first | 0x20)
    }

    private static func kind(of statement: ArraySlice<Token>, _ asStatements: Bool) -> SQLKind? {
        let words = Array(statement)
        guard let lead = words.firstIndex(where: { if case .mark("(") = $0 { false } else { true } }),
            case .word(let verb) = words[lead]
        else { return asStatements ? .unknown : nil }
        let within = worstPair(words)
        guard var kind = leads[verb] else { return asStatements ? max(within ?? .unknown, .unknown) : within }
        if !asStatements, !isStructured(verb, kind, words, lead) { return within }
        switch verb {
        case "EXPLAIN", "DESC", "DESCRIBE", "PROFILE":
            // Only ANALYZE carries out what it explains.
            let analyzes = words.contains(.word("ANALYZE")) || words.contains(.word("ANALYSE")) || verb == "PROFILE"
            guard analyzes else { return .show }
            for token in words[lead...].dropFirst() {
                if case .word(let word) = token, let found = leads[word] { kind = max(kind, found) }
            }
        case "WITH": kind = words.contains(.word("SELECT")) || words.contains(.word("VALUES")) ? .select : .unknown
        case "PRAGMA": kind = pragma(words)
        case "SET": kind = set(words)
        case "CREATE", "ALTER", "DROP": kind = max(kind, account(words[lead...]))
        case "COPY" where words.contains(.word("PROGRAM")): kind = .execute
        case "SELECT", "TABLE", "VALUES": kind = max(kind, selectInto(words))
        default: break
        }
        // Not in what may be prose: "file (attached)".
        if calls(words, reachingWords) { kind = max(kind, .execute) }
        return max(kind, within ?? kind)
    }

    /// Whether a text that may be prose is SQL: after its verb comes what comes there in SQL.
    private static func isStructured(_ verb: String, _ kind: SQLKind, _ words: [Token], _ lead: Int) -> Bool {
        func has(_ word: String) -> Bool { words.contains(.word(word)) }
        switch verb {
        case "SELECT", "WITH": return has("FROM") || words.count > lead + 1 && words[lead + 1] == .other
        case "UPDATE": return has("SET")
        case "DELETE": return has("FROM")
        case "INSERT", "REPLACE", "MERGE", "UPSERT": return has("INTO")
        case "GRANT", "REVOKE": return has("ON") || has("TO") || has("FROM")
        case "COPY": return has("FROM") || has("TO")
        case "EXEC", "EXECUTE": return words.count > lead + 1
        default: return worstPair(words) != nil
        }
    }

    /// What stands behind a verb where it does more than its place in a text suggests: sub-statements of a WITH, the parts of
    /// a block, statements that Transact-SQL does not separate.
    private static func worstPair(_ words: [Token]) -> SQLKind? {
        var worst: SQLKind?
        func note(_ kind: SQLKind) { worst = max(worst ?? kind, kind) }
        if calls(words, reachingFunctions) { note(.execute) }
        // Looked for once: anew for each verb would take the square of the text's length.
        func last(_ word: String) -> Int { words.lastIndex(of: .word(word)) ?? -1 }
        let (set, to, from) = (last("SET"), last("TO"), last("FROM"))
        for (index, token) in words.enumerated() {
            guard case .word(let word) = token else { continue }
            var next: String?
            if index + 1 < words.count, case .word(let following) = words[index + 1] { next = following }
            if reachingPackages.contains(where: word.hasPrefix), index + 1 < words.count, words[index + 1] == .mark(".")
            {
                note(.execute)
            }
            switch (word, next) {
            case ("DELETE", "FROM"): note(.delete)
            case ("TRUNCATE", "TABLE"): note(.truncate)
            case ("DROP", let noun?) where nouns.contains(noun): note(.drop)
            case ("ALTER", let noun?) where nouns.contains(noun): note(accounts.contains(noun) ? .grant : .alter)
            case ("CREATE", let noun?) where nouns.contains(noun): note(accounts.contains(noun) ? .grant : .create)
            case ("INSERT", "INTO"), ("INSERT", "OVERWRITE"): note(.insert)
            case ("MERGE", "INTO"), ("REPLACE", "INTO"): note(.merge)
            case ("UPDATE", .some) where index < set && !isLock(words, index): note(.update)
            case ("INTO", "OUTFILE"), ("INTO", "DUMPFILE"): note(.execute)
            case ("EXECUTE", "IMMEDIATE"), ("EXEC", .some): note(.execute)
            case ("GRANT", .some) where index < to: note(.grant)
            case ("REVOKE", .some) where index < from: note(.grant)
            case ("OWNER", "TO"): note(.grant)
            default: continue
            }
        }
        return worst
    }

    private static func calls(_ words: [Token], _ functions: Set<String>) -> Bool {
        zip(words, words.dropFirst()).contains { name, mark in
            guard case .word(let word) = name, mark == .mark("(") else { return false }
            return functions.contains(word) || word.hasPrefix("SYSTEM$")
        }
    }

    /// `FOR UPDATE` and `ON UPDATE` change nothing themselves.
    private static func isLock(_ words: [Token], _ index: Int) -> Bool {
        guard index > 0, case .word(let before) = words[index - 1] else { return false }
        return before == "FOR" || before == "ON"
    }

    /// `SELECT … INTO t` makes a table; into a variable it looks the same.
    private static func selectInto(_ words: [Token]) -> SQLKind { words.contains(.word("INTO")) ? .create : .select }

    private static func account(_ words: ArraySlice<Token>) -> SQLKind {
        let nouns = words.dropFirst().prefix(4)
        let isAccount = nouns.contains { if case .word(let word) = $0 { accounts.contains(word) } else { false } }
        return isAccount ? .grant : .session
    }

    private static func set(_ words: [Token]) -> SQLKind {
        let powers: [Token] = [
            .word("ROLE"), .word("AUTHORIZATION"), .word("PASSWORD"), .word("GLOBAL"), .word("PERSIST"),
        ]
        return words.contains { powers.contains($0) } ? .grant : .session
    }

    private static func pragma(_ words: [Token]) -> SQLKind {
        let reads = words.contains { if case .word(let word) = $0 { readPragmas.contains(word) } else { false } }
        let sets = words.contains(.mark("=")) || words.contains(.mark("(")) && !reads
        return sets ? .alter : .show
    }

    private static let readPragmas: Set<String> = [
        "TABLE_INFO", "TABLE_XINFO", "TABLE_LIST", "INDEX_LIST", "INDEX_INFO", "INDEX_XINFO", "FOREIGN_KEY_LIST",
        "FOREIGN_KEY_CHECK", "INTEGRITY_CHECK", "QUICK_CHECK", "DATABASE_LIST",
    ]

    private static let leads: [String: SQLKind] = [
        "SHOW": .show, "DESCRIBE": .show, "DESC": .show, "EXPLAIN": .show, "HELP": .show, "PRAGMA": .show,
        "LIST": .show,
        "PROFILE": .show,
        "SELECT": .select, "VALUES": .select, "TABLE": .select, "WITH": .select, "FROM": .select,
        "SET": .session, "RESET": .session, "BEGIN": .session, "START": .session, "COMMIT": .session,
        "ROLLBACK": .session, "SAVEPOINT": .session, "RELEASE": .session, "END": .session, "ABORT": .session,
        "USE": .session, "ANALYZE": .session, "DECLARE": .session, "FETCH": .session, "CLOSE": .session,
        "DISCARD": .session, "LISTEN": .session, "UNLISTEN": .session, "CHECKPOINT": .session, "GO": .session,
        "INSERT": .insert, "UPDATE": .update, "MERGE": .merge, "REPLACE": .merge, "UPSERT": .merge,
        "COPY": .copy, "LOAD": .copy, "UNLOAD": .copy, "EXPORT": .copy, "IMPORT": .copy, "PUT": .copy, "GET": .copy,
        "BULK": .copy, "BACKUP": .copy, "CREATE": .create, "ALTER": .alter, "COMMENT": .alter, "RENAME": .alter,
        "REINDEX": .alter, "VACUUM": .alter, "OPTIMIZE": .alter, "REFRESH": .alter, "CLUSTER": .alter, "LOCK": .alter,
        "NOTIFY": .alter, "RESTORE": .drop, "UNDROP": .create, "REPAIR": .alter,
        "EXECUTE": .execute, "EXEC": .execute, "CALL": .execute, "DO": .execute, "PREPARE": .execute,
        "INSTALL": .execute, "ATTACH": .execute, "DETACH": .alter, "KILL": .execute, "SHUTDOWN": .execute,
        "HANDLER": .execute, "REMOVE": .delete, "RM": .delete,
        "GRANT": .grant, "REVOKE": .grant, "DENY": .grant, "REASSIGN": .grant, "SECURITY": .grant,
        "DELETE": .delete, "TRUNCATE": .truncate, "DROP": .drop, "PURGE": .drop,
    ]

    private static let accounts: Set<String> = ["USER", "ROLE", "LOGIN", "GROUP", "POLICY"]

    /// What CREATE, ALTER and DROP are said of.
    private static let nouns: Set<String> = accounts.union([
        "TABLE", "DATABASE", "SCHEMA", "VIEW", "MATERIALIZED", "INDEX", "UNIQUE", "COLUMN", "SEQUENCE", "FUNCTION",
        "PROCEDURE", "TRIGGER", "TYPE", "DOMAIN", "EXTENSION", "SERVER", "WAREHOUSE", "STAGE", "STREAM", "TASK", "PIPE",
        "OR", "TEMPORARY", "TEMP", "EXTERNAL", "TRANSIENT", "CONSTRAINT", "PARTITION", "OWNED", "TABLESPACE", "EVENT",
        "CATALOG", "MODEL", "SNAPSHOT", "PUBLICATION", "SUBSCRIPTION", "RULE", "KEYSPACE", "IF", "FOREIGN", "SYSTEM",
        "SESSION", "ACCOUNT", "INTEGRATION", "SHARE", "CONNECTION", "PRIMARY", "PROC", "COLLECTION", "BUCKET",
    ])

    /// Functions that reach out of the database, or run a text as code.
    private static let reachingFunctions: Set<String> = [
        "PG_READ_FILE", "PG_READ_BINARY_FILE", "PG_LS_DIR", "PG_TERMINATE_BACKEND", "PG_CANCEL_BACKEND",
        "PG_RELOAD_CONF", "PG_PROMOTE", "LO_IMPORT", "LO_EXPORT", "LO_UNLINK", "DBLINK", "DBLINK_EXEC",
        "DBLINK_CONNECT", "SET_CONFIG", "QUERY_TO_XML", "DATABASE_TO_XML", "SETVAL", "PG_DROP_REPLICATION_SLOT",
        "LOAD_FILE", "SYS_EXEC", "SYS_EVAL", "XP_CMDSHELL", "SP_EXECUTESQL", "SP_OACREATE", "OPENROWSET", "OPENQUERY",
        "OPENDATASOURCE", "REMOTESECURE", "LOAD_EXTENSION", "WRITEFILE", "EDIT", "EXTERNAL_QUERY", "HTTP_GET",
        "HTTP_POST", "HTTP_PUT", "HTTP_PATCH", "HTTP_DELETE", "HTTP_HEAD",
    ]

    /// The same where the name is an ordinary word.
    private static let reachingWords: Set<String> = ["URL", "S3", "FILE", "HDFS", "HTTP", "REMOTE", "JDBC", "ODBC"]

    /// Packages of such functions.
    private static let reachingPackages = ["UTL_", "DBMS_"]
}
