import Calls
import JSON

/// Statements of SQL that a JSON body carries under one of the usual names, so that rules without knowledge of the API can
/// tell a query from a deletion.
enum SQLField {
    private static let names: [Text] = [
        "sql", "statement", "query", "sqlText", "sql_text", "sqlStatement", "QueryString", "Sql",
    ]

    /// The most harmful kind among them; nil where none begins as a statement does.
    static func kind(in root: JSONNode) -> Text? {
        guard root.kind == .object else { return nil }
        var worst: SQLKind?
        for name in names {
            guard let text = root[name]?.text, let kind = SQLKind(statementIn: text) else { continue }
            worst = max(worst ?? kind, kind)
        }
        return worst.map { Text($0.rawValue) }
    }
}
