package import JSON

/// What a text of SQL does at its most harmful, the kinds in the order of harm.
///
/// Conservative: the text is read as every common dialect reads it, and the worst reading counts; so does the worst of several
/// statements, of the parts of a WITH, and of what is under EXPLAIN ANALYZE. Nothing here knows a schema: what a function
/// does that SELECT calls stays unseen, but for the functions that reach out of the database.
package enum SQLKind: String, Sendable, CaseIterable {
    /// Tells of the database itself: SHOW, DESCRIBE, EXPLAIN.
    case show
    case select
    /// Changes the session only: SET, BEGIN, COMMIT, USE.
    case session
    case insert
    case update
    /// MERGE, REPLACE, UPSERT.
    case merge
    /// Moves data in or out in bulk: COPY, LOAD, UNLOAD, EXPORT, INTO OUTFILE.
    case copy
    case create
    case alter
    /// No reading is certain.
    case unknown
    /// Runs what cannot be seen here: EXECUTE, CALL, DO, a program, a function that reaches out.
    case execute
    /// Who may do what: GRANT, REVOKE, users and roles.
    case grant
    case delete
    case truncate
    case drop

    /// The most harmful statement in the text.
    package init(reading text: Text) {
        self = SQLStatements.kind(text, asStatements: true) ?? .unknown
    }

    /// The same, nil where no dialect sees a statement's beginning in the text: most texts are not SQL.
    package init?(statementIn text: Text) {
        guard let kind = SQLStatements.kind(text, asStatements: false) else { return nil }
        self = kind
    }
}

extension SQLKind: Comparable {
    private var harm: Int { SQLKind.allCases.firstIndex(of: self) ?? 0 }

    package static func < (a: SQLKind, b: SQLKind) -> Bool { a.harm < b.harm }
}
