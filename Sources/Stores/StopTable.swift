import Calls
import Holds

/// The statements over `stops`: what the kill switch had stopped when it was last asked. One row a scope.
enum StopTable {
    static func stops(_ database: Database) throws(StoreFailure) -> [Stop] {
        try database.rows("SELECT scope, kind, at, cause, subject, uid, reason FROM stops ORDER BY at, scope", [], stop)
    }

    static func replace(by stops: [Stop], _ database: Database) throws(StoreFailure) {
        try database.run("DELETE FROM stops")
        for stop in stops {
            let cause = stop.cause.columns
            try database.run(
                "INSERT INTO stops (scope, kind, at, cause, subject, uid, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                .text(stop.scope.description), .text(stop.kind.rawValue), .integer(stop.at.milliseconds),
                .text(cause.word), .text(cause.subject), cause.uid.map { .integer(Int64($0)) } ?? .null,
                cause.reason.map { .text($0) } ?? .null)
        }
    }

    private static func stop(_ row: Database.Row) throws(StoreFailure) -> Stop {
        guard let scope = Scope(try row.text(0)) else { throw row.damaged(0) }
        guard let kind = Stop.Kind(rawValue: try row.text(1)) else { throw row.damaged(1) }
        return Stop(scope, kind, by: try cause(row), at: Timestamp(milliseconds: try row.integer(2)))
    }

    private static func cause(_ row: Database.Row) throws(StoreFailure) -> Stop.Cause {
        let subject = try row.text(4)
        switch try row.text(3) {
        case "person": return .person(try person(row, subject), reason: row.isNull(6) ? nil : try row.text(6))
        case "signal": return .signal(try person(row, subject))
        case "file": return .file(subject)
        case "flagged": return .flagged(CallID(subject))
        case "silence":
            guard let hold = HoldID(subject) else { throw row.damaged(4) }
            return .silence(hold)
        default: throw row.damaged(3)
        }
    }

    private static func person(_ row: Database.Row, _ name: String) throws(StoreFailure) -> Operator {
        guard let uid = UInt32(exactly: try row.integer(5)) else { throw row.damaged(5) }
        return Operator(uid: uid, name: name)
    }
}

extension Stop.Cause {
    fileprivate var columns: (word: String, subject: String, uid: UInt32?, reason: String?) {
        switch self {
        case .person(let by, let reason): ("person", by.name, by.uid, reason)
        case .signal(let by): ("signal", by.name, by.uid, nil)
        case .file(let path): ("file", path, nil, nil)
        case .silence(let hold): ("silence", hold.description, nil, nil)
        case .flagged(let call): ("flagged", call.description, nil, nil)
        }
    }
}
