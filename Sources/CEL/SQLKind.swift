import JSON

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

    private static func kind(of words: [String]) -> SQLKind {
        guard let first = words.first else { return .none }
        if words.contains(where: isCommand) { return .execute }
        switch first {
        case "SELECT", "VALUES", "TABLE": return query(words)
        case "SHOW", "DESCRIBE", "DESC": return .read
        case "WITH": return words.dropFirst().reduce(query(words)) { worst($0, written[$1] ?? .none) }
        case "EXPLAIN":
            let isRun = words.contains("ANALYZE") || words.contains("ANALYSE")
            return isRun ? words.dropFirst().reduce(.read) { worst($0, written[$1] ?? .none) } : .read
        case "SET", "RESET":
            let rights: Set = ["ROLE", "AUTHORIZATION", "GLOBAL", "PASSWORD", "PERSIST"]
            return words.contains(where: rights.contains) ? .privilege : .session
        case "INSERT":
            return words.contains("UPDATE") || words.contains("REPLACE") ? .update : .insert
        case "MERGE": return words.contains("DELETE") ? .delete : .update
        case "CREATE", "ALTER":
            if words.contains("DROP") || words.contains("TRUNCATE") { return .drop }
            let first = words.dropFirst().prefix(4)
            if first.contains(where: ["ROLE", "USER", "LOGIN", "POLICY"].contains) { return .privilege }
            let code: Set = ["FUNCTION", "PROCEDURE", "TRIGGER", "EXTENSION", "EVENT", "SERVER", "LANGUAGE", "SYSTEM"]
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
        let names: Set = ["LOAD_FILE", "SYS_EXEC", "SYS_EVAL", "SETVAL", "QUERY_TO_XML", "LOAD_EXTENSION", "WRITEFILE"]
        return names.contains(word) || ["PG_", "LO_", "DBLINK", "XP_", "SP_"].contains(where: word.hasPrefix)
    }

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

/// The words of SQL outside of quotes and comments, in capitals, by statement.
private enum SQLWords {
    /// Nil where it can be read in more than one way, or does not end.
    static func statements(_ text: ByteString) -> [[String]]? {
        var statements: [[String]] = [[]]
        var index = 0
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            switch byte {
            case 0: return nil
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                guard let end = quoted(text, from: index) else { return nil }
                index = end
            case UInt8(ascii: "-") where next == UInt8(ascii: "-"):
                // Without a blank it is two signs to MySQL, and a comment to everybody else.
                guard index + 2 == text.count || text[index + 2] <= 0x20 else { return nil }
                while index < text.count, text[index] != 0x0A {
                    // A carriage return ends a line to some.
                    guard text[index] != 0x0D || index + 1 < text.count && text[index + 1] == 0x0A else { return nil }
                    index += 1
                }
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                guard let end = comment(text, from: index) else { return nil }
                index = end
            // A comment to MySQL, an operator to others; quotes of PostgreSQL, none to others.
            case UInt8(ascii: "#"), UInt8(ascii: "\\"): return nil
            case UInt8(ascii: "$") where !next.isDigit: return nil
            case UInt8(ascii: ";"):
                statements.append([])
                index += 1
            case _ where byte.isIdentifierStart || byte >= 0x80:
                let start = index
                while index < text.count,
                    text[index].isIdentifierStart || text[index].isDigit || text[index] >= 0x80
                        || text[index] == UInt8(ascii: "$")
                { index += 1 }
                let word = text.part(start..<index).mapped { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
                statements[statements.count - 1].append(word.text.string)
            default: index += 1
            }
        }
        return statements
    }

    /// Where what is in quotes ends; nil where it does not, or where a backslash makes it end elsewhere for some.
    private static func quoted(_ text: ByteString, from start: Int) -> Int? {
        var index = start + 1
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), text[start] != UInt8(ascii: "`") {
                let next = index + 1 < text.count ? text[index + 1] : 0
                guard next != text[start], next != UInt8(ascii: "\\") else { return nil }
            }
            if text[index] == text[start] {
                guard index + 1 < text.count, text[index + 1] == text[start] else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// Where a comment ends; nil for those that MySQL runs or that PostgreSQL nests.
    private static func comment(_ text: ByteString, from start: Int) -> Int? {
        var index = start + 2
        guard index < text.count, text[index] != UInt8(ascii: "!"), text[index] != UInt8(ascii: "+") else { return nil }
        while index + 1 < text.count {
            if text[index] == UInt8(ascii: "*"), text[index + 1] == UInt8(ascii: "/") { return index + 2 }
            if text[index] == UInt8(ascii: "/"), text[index + 1] == UInt8(ascii: "*") { return nil }
            index += 1
        }
        return nil
    }
}
