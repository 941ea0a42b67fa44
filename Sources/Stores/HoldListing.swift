import Calls
import Holds

/// The answer to a `HoldQuery`: undecided holds before the others, newest first.
///
/// Each state is a range of an index that is sorted already, so the first `limit` entries of every state asked for are
/// read from it, merged here, and only the holds that are shown are read whole: the cost does not depend on how many there
/// are.
enum HoldListing {
    /// Holds whose id begins as asked are all read from the index of ids, up to so many. Where there are more, walking a
    /// list in its order meets a hundred of them sooner: ids are random.
    static let widestPrefix = 4000

    private struct Entry {
        let key: Int64
        let created: Int64
        let id: String
        let state: String
        let session: String

        var isUndecided: Bool { HoldState.isUndecided(state) }
    }

    static func holds(_ query: HoldQuery, _ database: Database) throws(StoreFailure) -> [Hold] {
        let limit = max(0, query.limit)
        // Names that no state has match nothing.
        let states = HoldState.names.filter { query.states.isEmpty || query.states.contains($0) }
        var entries: [Entry] = []
        if let prefix = query.prefix, let few = try Self.entries(beginning: prefix, database) {
            let session = query.session?.description
            let asked = few.filter { states.contains($0.state) && session ?? $0.session == $0.session }
            entries += sorted(asked.filter(\.isUndecided)) + sorted(asked.filter { !$0.isUndecided })
        } else {
            for part in [states.filter(HoldState.isUndecided), states.filter { !HoldState.isUndecided($0) }] {
                guard entries.count < limit else { break }
                var found: [Entry] = []
                for state in part { found += try Self.entries(in: state, query, limit - entries.count, database) }
                entries += sorted(found)
            }
        }
        var holds: [Hold] = []
        for entry in entries.prefix(limit) {
            if let hold = try database.first(whole, .integer(entry.key), read: HoldRow.hold) { holds.append(hold) }
        }
        return holds
    }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        entries.sorted { ($1.created, $0.id) < ($0.created, $1.id) }
    }

    // MARK: Statements

    static let whole = "SELECT \(HoldRow.columns) FROM holds WHERE key = ?1"
    static let count = "SELECT count(*) FROM (SELECT 1 FROM holds WHERE id >= ?1 AND id < ?2 LIMIT ?3)"
    static let few = "SELECT key, created, id, state, session FROM holds WHERE id >= ?1 AND id < ?2"
    static let inState = "SELECT key, created, id FROM holds WHERE state = ?1 ORDER BY created DESC, id LIMIT ?2"
    static let inSession = """
        SELECT key, created, id FROM holds WHERE state = ?1 AND session = ?3 ORDER BY created DESC, id LIMIT ?2
        """
    // The plus keeps the index of ids out of it: the order of the list is worth more.
    static let beginningInState = """
        SELECT key, created, id FROM holds WHERE state = ?1 AND +id >= ?3 AND +id < ?4
        ORDER BY created DESC, id LIMIT ?2
        """
    static let beginningInSession = """
        SELECT key, created, id FROM holds WHERE state = ?1 AND session = ?3 AND +id >= ?4 AND +id < ?5
        ORDER BY created DESC, id LIMIT ?2
        """

    private static func entries(
        in state: String, _ query: HoldQuery, _ limit: Int, _ database: Database
    ) throws(StoreFailure) -> [Entry] {
        let sql =
            switch (query.session, query.prefix) {
            case (nil, nil): inState
            case (_?, nil): inSession
            case (nil, _?): beginningInState
            case (_?, _?): beginningInSession
            }
        var values: [Database.Value] = [.text(state), .integer(Int64(limit))]
        if let session = query.session { values.append(.text(session.description)) }
        if let prefix = query.prefix { values += range(prefix) }
        return try database.rows(sql, values) { row throws(StoreFailure) in
            Entry(
                key: try row.integer(0), created: try row.integer(1), id: try row.text(2), state: state,
                session: query.session?.description ?? "")
        }
    }

    /// All holds whose id begins so, nil where they are many.
    private static func entries(beginning prefix: String, _ database: Database) throws(StoreFailure) -> [Entry]? {
        let range = range(prefix)
        let count = try database.rows(count, range + [.integer(Int64(widestPrefix) + 1)]) {
            row throws(StoreFailure) in try row.integer(0)
        }
        guard count.first ?? 0 <= widestPrefix else { return nil }
        return try database.rows(few, range) { row throws(StoreFailure) in
            Entry(
                key: try row.integer(0), created: try row.integer(1), id: try row.text(2), state: try row.text(3),
                session: try row.text(4))
        }
    }

    /// The alphabet of ids ends before `{`.
    private static func range(_ prefix: String) -> [Database.Value] { [.text(prefix), .text(prefix + "{")] }
}

extension HoldState {
    /// As `isUndecided` says, by the name alone.
    static func isUndecided(_ name: String) -> Bool { name == "pending" || name == "stale" }
}
