import JSON

/// Keys of a JSON body that may make it more than its method and path say: JSON-RPC, GraphQL, SQL.
enum TellingKeys {
    static func contains(_ key: Span<UInt8>) -> Bool {
        switch key.count {
        case 3: isOne(key, of: "sql", "Sql")
        case 5: isOne(key, of: "query")
        case 7: KeySpelling.folds(key, to: "jsonrpc") || isOne(key, of: "sqlText")
        case 8: KeySpelling.folds(key, to: "jsonrpc") || isOne(key, of: "sql_text")
        case 9: isOne(key, of: "statement")
        case 11: isOne(key, of: "QueryString")
        case 12: isOne(key, of: "sqlStatement")
        default: false
        }
    }

    private static func isOne(_ key: Span<UInt8>, of names: SmallName...) -> Bool {
        names.contains { name in
            name.count == key.count && key.indices.allSatisfy { key[$0] == name.bytes[$0] }
        }
    }
}
