import CSQLite
import Glibc
import System

/// What the disk does without any of this.
enum BareDisk {
    static func syncsPerSecond(in directory: String) throws -> Int {
        let path = "\(directory)/bare"
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw IOError.system("open \(path)", errno) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4096)
        return try ratePerSecond {
            guard write(descriptor, page, page.count) == page.count, fdatasync(descriptor) == 0 else {
                throw IOError.system("write \(path)", errno)
            }
        }
    }

    /// Has the kernel give up what it keeps of a file.
    static func forget(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fdatasync(descriptor)
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close(descriptor)
    }

    static func ratePerSecond(_ work: () throws -> Void) rethrows -> Int {
        let began = SystemClock.monotonic()
        var count = 0
        while SystemClock.monotonic() - began < 2000 {
            try work()
            count += 1
        }
        return Int(Double(count) * 1000 / Double(SystemClock.monotonic() - began))
    }
}

/// The obvious way: a row in a table with one index, and a commit for each.
enum PlainSQLite {
    static func holdsPerSecond(in directory: String) throws -> Int {
        var connection: OpaquePointer?
        guard sqlite3_open("\(directory)/plain.db", &connection) == SQLITE_OK else { throw failure(connection) }
        defer { sqlite3_close_v2(connection) }
        let setup = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE holds (id INTEGER PRIMARY KEY, session TEXT, state TEXT, created INTEGER, content BLOB);
            CREATE INDEX by_state ON holds (state, created)
            """
        guard sqlite3_exec(connection, setup, nil, nil, nil) == SQLITE_OK else { throw failure(connection) }
        var statement: OpaquePointer?
        let insert = "INSERT INTO holds VALUES (NULL, 'uid:1000/run', 'pending', 1, randomblob(1024))"
        guard sqlite3_prepare_v2(connection, insert, -1, &statement, nil) == SQLITE_OK else {
            throw failure(connection)
        }
        defer { sqlite3_finalize(statement) }
        return try BareDisk.ratePerSecond {
            guard sqlite3_step(statement) == SQLITE_DONE else { throw failure(connection) }
            sqlite3_reset(statement)
        }
    }

    private static func failure(_ connection: OpaquePointer?) -> IOError {
        .system("sqlite: \(String(cString: sqlite3_errmsg(connection)))", EIO)
    }
}
