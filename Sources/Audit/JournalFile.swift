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
