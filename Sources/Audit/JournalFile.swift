import Glibc
import System

/// One open journal file, and what the kernel is asked to do with it. No other file of this module asks for files.
struct JournalFile: ~Copyable {
    private let owner: FileDescriptor
    private var descriptor: Int32 { owner.raw }
    let path: String

    /// Opens the file for appending, made where it is missing.
    init(appendingTo path: String) throws(JournalFailure) {
        self.path = path
        owner = try Self.opened(path, O_RDWR | O_CREAT | O_APPEND)
    }

    /// Opens a small file that is written over in place, made where it is missing.
    init(overwriting path: String) throws(JournalFailure) {
        self.path = path
        owner = try Self.opened(path, O_RDWR | O_CREAT)
    }

    init(reading path: String) throws(JournalFailure) {
        self.path = path
        owner = try Self.opened(path, O_RDONLY)
    }

    private static func opened(_ path: String, _ flags: Int32) throws(JournalFailure) -> FileDescriptor {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { return FileDescriptor(owning: descriptor) }
        let reason = IOError.explanation(of: errno)
        throw flags & O_ACCMODE == O_RDONLY
            ? .unreadable(path: path, reason: reason) : .unwritable(path: path, doing: "open", reason: reason)
    }

    /// Keeps every other gate out.
    func lock() throws(JournalFailure) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(path: path) }
    }

    /// Lets another gate have it.
    func unlock() { flock(descriptor, LOCK_UN) }

    /// Whether a gate has the file open for writing.
    var isBeingWritten: Bool {
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        flock(descriptor, LOCK_UN)
        return false
    }

    func length() throws(JournalFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: IOError.explanation(of: errno))
        }
        return Int(status.st_size)
    }

    /// Throws where the file is not the one at its path any more, or has another length than was written.
    func checkUndisturbed(length: Int) throws(JournalFailure) {
        var mine = stat()
        var named = stat()
        guard fstat(descriptor, &mine) == 0 else {
            throw .unreadable(path: path, reason: IOError.explanation(of: errno))
        }
        guard lstat(path, &named) == 0, named.st_ino == mine.st_ino, named.st_dev == mine.st_dev else {
            throw .disturbed(path: path, what: "was removed or replaced")
        }
        guard Int(mine.st_size) == length else {
            throw .disturbed(path: path, what: "was \(Int(mine.st_size) < length ? "cut" : "written to")")
        }
    }

    /// Appends as much as goes, and says how much that was and why it was not all.
    func append(_ bytes: [UInt8]) -> (written: Int, failure: JournalFailure?) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                let code = count == 0 ? ENOSPC : errno
                return (written, .unwritable(path: path, doing: "write", reason: IOError.explanation(of: code)))
            }
        }
        return (written, nil)
    }

    func truncate(to length: Int) throws(JournalFailure) {
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw .unwritable(path: path, doing: "shorten", reason: IOError.explanation(of: errno))
        }
    }

    func synchronise() throws(JournalFailure) {
        guard fdatasync(descriptor) == 0 else { throw .unsynced(path: path, reason: IOError.explanation(of: errno)) }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(JournalFailure) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        guard code == 0 else { throw .unreadable(path: path, reason: IOError.explanation(of: code)) }
        return bytes
    }

    /// Puts `bytes` over the beginning of the file.
    func overwrite(_ bytes: [UInt8]) throws(JournalFailure) {
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count else {
            throw .unwritable(path: path, doing: "write", reason: IOError.explanation(of: count < 0 ? errno : ENOSPC))
        }
    }
}

/// What a journal's directory holds.
enum JournalDirectory {
    /// How far the journal has come, for finding a cut.
    static let noteName = "head"

    /// Makes the directory, and what leads to it, for the gate's user alone.
    static func make(_ directory: String) throws(JournalFailure) {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(path: path, doing: "make the directory", reason: IOError.explanation(of: errno))
            }
        }
    }

    /// Lays the note of an empty journal, unless there is a note already.
    static func begin(_ directory: String) throws(JournalFailure) {
        let path = "\(directory)/\(noteName)"
        guard !exists(path) else { return }
        let note = try JournalFile(overwriting: path)
        try note.overwrite(JournalHead.note(seq: 0, spelling: JournalLine.genesis))
        try note.synchronise()
    }

    /// The name of the file that begins with this line.
    static func fileName(beginningWith seq: UInt64) -> String {
        let digits = String(seq)
        return "journal-\(String(repeating: "0", count: max(0, 12 - digits.utf8.count)))\(digits).jsonl"
    }

    /// The journal's files with the number in their names, first one first.
    static func files(in directory: String) throws(JournalFailure) -> [(name: String, first: UInt64)] {
        guard let stream = opendir(directory) else {
            throw .unreadable(path: directory, reason: IOError.explanation(of: errno))
        }
        defer { closedir(stream) }
        var files: [(name: String, first: UInt64)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("journal-"), name.hasSuffix(".jsonl"),
                let first = UInt64(name.dropFirst(8).dropLast(6)), 0 < first, first < 1 << 60,
                name == fileName(beginningWith: first)
            else { continue }
            files.append((name, first))
        }
        return files.sorted { $0.first < $1.first }
    }

    /// Makes names in the directory survive a power cut.
    static func synchronise(_ directory: String) throws(JournalFailure) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unwritable(path: directory, doing: "open", reason: IOError.explanation(of: errno))
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unsynced(path: directory, reason: IOError.explanation(of: errno)) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
