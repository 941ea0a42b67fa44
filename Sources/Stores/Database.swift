import CSQLite
import Holds

/// One connection to an SQLite file; used by one thread at a time.
///
/// Statements are prepared once and kept by their text, which is always one of this module's constants.
final class Database: @unchecked Sendable {
    private let path: String
    /// Nil once it is closed.
    private var connection: OpaquePointer?
    /// How long the write-ahead log was after the last commit.
    private var logPages: Int32 = 0
    private var statements: [String: OpaquePointer] = [:]

    /// - Parameter patience: how long to wait for another process that keeps the file locked.
    init(opening path: String, patience: Duration, isReadOnly: Bool = false) throws(StoreFailure) {
        _ = Self.isConfigured
        var opened: OpaquePointer?
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw Self.failure(code, path, "")
        }
        connection = opened
        self.path = path
        sqlite3_busy_timeout(opened, Int32(clamping: Int(patience / .milliseconds(1))))
    }

    deinit { close() }

    /// SQLite counts its memory under a lock of the whole process unless it is told not to, before it is used first.
    private static let isConfigured = tg_sqlite_without_memory_statistics() == SQLITE_OK

    func close() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
        sqlite3_close_v2(connection)
        connection = nil
    }

    /// Has `checkpointIfDue` copy the write-ahead log into the file, instead of whichever commit makes the log long: that one
    /// would keep everybody in it waiting.
    func deferCheckpoints() {
        sqlite3_wal_hook(
            connection,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<Database>.fromOpaque(context).takeUnretainedValue().logPages = pages
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func checkpointIfDue(pages: Int32) {
        guard logPages >= pages else { return }
        logPages = 0
        // What fails here fails again at a commit, which says so.
        sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// False after SQLite has taken back a transaction by itself, as it does when the disk is full.
    var isInTransaction: Bool { connection.map { sqlite3_get_autocommit($0) == 0 } ?? false }

    /// The key of the row that was inserted last.
    var lastKey: Int64 { connection.map { sqlite3_last_insert_rowid($0) } ?? 0 }

    /// Runs a statement without a result; how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: Value...) throws(StoreFailure) -> Int { try run(sql, values) }

    @discardableResult
    func run(_ sql: String, _ values: [Value]) throws(StoreFailure) -> Int {
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW { code = sqlite3_step(statement) }
        guard code == SQLITE_DONE else { throw failure(code) }
        return Int(sqlite3_changes(connection))
    }

    /// Reads each row of a result.
    func rows<T>(
        _ sql: String, _ values: [Value], _ read: (Row) throws(StoreFailure) -> T
    ) throws(StoreFailure) -> [T] {
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        var result: [T] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: result.append(try read(Row(statement: statement)))
            case SQLITE_DONE: return result
            case let code: throw failure(code)
            }
        }
    }

    func first<T>(
        _ sql: String, _ values: Value..., read: (Row) throws(StoreFailure) -> T
    ) throws(StoreFailure) -> T? {
        try rows(sql, values, read).first
    }

    /// Runs statements that are not kept, for the schema.
    func script(_ sql: String) throws(StoreFailure) {
        guard let connection else { throw closed }
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func prepared(_ sql: String, _ values: [Value]) throws(StoreFailure) -> OpaquePointer {
        guard let connection else { throw closed }
        let statement: OpaquePointer
        if let kept = statements[sql] {
            statement = kept
        } else {
            var made: OpaquePointer?
            let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
            guard code == SQLITE_OK, let made else { throw failure(code) }
            statements[sql] = made
            statement = made
        }
        for (index, value) in values.enumerated() {
            let code = value.bind(to: statement, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code) }
        }
        return statement
    }

    private var closed: StoreFailure { .unavailable(reason: "\(path) is closed: the gate is stopping") }

    private func failure(_ code: Int32) -> StoreFailure {
        Self.failure(code, path, String(cString: sqlite3_errmsg(connection)))
    }

    private static func failure(_ code: Int32, _ path: String, _ message: String) -> StoreFailure {
        switch code & 0xFF {
        case SQLITE_FULL: return .unavailable(reason: "the disk of \(path) is full; make room there")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return .unavailable(reason: "another process keeps \(path) locked; end it (`fuser \(path)` names it)")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: return .unavailable(reason: "\(path) cannot be written")
        case SQLITE_CANTOPEN:
            return .unavailable(reason: "\(path) cannot be opened; is its directory there and writable?")
        case SQLITE_IOERR: return .unavailable(reason: "the disk of \(path) fails (SQLite error \(code))")
        case SQLITE_NOMEM: return .unavailable(reason: "no memory left for \(path)")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return .damaged(
                reason: "\(path) is not a sound database (\(message)); restore it, or move it away to begin anew")
        default: return .unavailable(reason: "\(path): \(message) (SQLite error \(code))")
        }
    }
}

extension Database {
    /// What is bound to a statement.
    enum Value: Sendable {
        case text(String)
        case blob([UInt8])
        case integer(Int64)
        case null

        fileprivate func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
            switch self {
            case .text(let text):
                var text = text
                return text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        tg_bind_text(statement, index, $0.baseAddress, Int32(clamping: $0.count))
                    }
                }
            case .blob(let bytes): return tg_bind_blob(statement, index, bytes, Int32(clamping: bytes.count))
            case .integer(let number): return sqlite3_bind_int64(statement, index, number)
            case .null: return sqlite3_bind_null(statement, index)
            }
        }
    }

    /// One row of a result, while it is the current one. A column that is not what it should be is damage.
    struct Row {
        fileprivate let statement: OpaquePointer

        func integer(_ column: Int32) throws(StoreFailure) -> Int64 {
            guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { throw damaged(column) }
            return sqlite3_column_int64(statement, column)
        }

        func text(_ column: Int32) throws(StoreFailure) -> String {
            guard sqlite3_column_type(statement, column) == SQLITE_TEXT,
                let text = String(validating: bytes(column), as: UTF8.self)
            else { throw damaged(column) }
            return text
        }

        func blob(_ column: Int32) throws(StoreFailure) -> [UInt8] {
            guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { throw damaged(column) }
            return Array(bytes(column))
        }

        func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

        func damaged(_ column: Int32) -> StoreFailure {
            let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "\(column)"
            return .damaged(reason: "the store's column \(name) holds something else than it should")
        }

        private func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
            // The pointer first: it may convert, and the count is that of what it converted to.
            let start = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return UnsafeBufferPointer(
                start: start?.assumingMemoryBound(to: UInt8.self), count: start == nil ? 0 : count)
        }
    }
}
