import Glibc
import Holds
import System

/// An open file that only the gate's user may read, and what the kernel is asked to do with it.
struct PrivateFile: ~Copyable, Sendable {
    private let owner: FileDescriptor
    let path: String

    private init(
        opening path: String, _ flags: CInt, check: (CInt) throws(StoreFailure) -> Void
    ) throws(StoreFailure) {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unavailable("open \(path)", errno) }
        do throws(StoreFailure) {
            try check(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        owner = FileDescriptor(owning: descriptor)
        self.path = path
    }

    /// A new file; one that is there already is an error.
    init(creating path: String) throws(StoreFailure) {
        try self.init(opening: path, O_RDWR | O_CREAT | O_EXCL) { descriptor throws(StoreFailure) in
            guard fchmod(descriptor, 0o600) == 0 else { throw .unavailable("restrict \(path)", errno) }
        }
    }

    /// A file that is there; refused where others than its owner may read or write it.
    init(reading path: String) throws(StoreFailure) {
        try self.init(opening: path, O_RDONLY) { descriptor throws(StoreFailure) in
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw .unavailable("look at \(path)", errno) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .unavailable(reason: "\(path) is not an ordinary file")
            }
            guard status.st_mode & 0o077 == 0 else {
                throw .unavailable(
                    reason: "others may read \(path): say `chmod 600 \(path)`, and make a new one if they did")
            }
        }
    }

    /// A file that exists or is made, and that nobody else has locked.
    init(locking path: String, orElse busy: String) throws(StoreFailure) {
        try self.init(opening: path, O_RDWR | O_CREAT) { descriptor throws(StoreFailure) in
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw .unavailable(reason: busy)
            }
        }
    }

    func unlock() { flock(owner.raw, LOCK_UN) }

    func write(_ bytes: [UInt8]) throws(StoreFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(owner.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unavailable("write \(path)", count < 0 ? errno : ENOSPC) }
            written += count
        }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(StoreFailure) -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    owner.raw, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard failure == 0 else { throw .unavailable("read \(path)", failure) }
        return bytes
    }

    func synchronise() throws(StoreFailure) {
        guard fsync(owner.raw) == 0 else { throw .unavailable("sync \(path)", errno) }
    }
}

/// Keeps other gates out until it is released.
final class FileLock: Sendable {
    private let file: PrivateFile

    /// - Parameter busy: what is said where somebody else has it; nil speaks of another gate.
    init(_ path: String, orElse busy: String? = nil) throws(StoreFailure) {
        let other = "another gate uses \(path); stop it, or give this one a state directory of its own"
        file = try PrivateFile(locking: path, orElse: busy ?? other)
    }

    func release() { file.unlock() }
}

extension StoreFailure {
    /// What the kernel refused, with its reason and, for the usual ones, the way out.
    static func unavailable(_ doing: String, _ code: CInt) -> StoreFailure {
        let advice =
            switch code {
            case ENOSPC, EDQUOT: "; make room there"
            case EROFS: "; it is mounted read-only"
            case EACCES, EPERM: "; is it the gate's user who owns it?"
            default: ""
            }
        return .unavailable(reason: "cannot \(doing): \(IOError.explanation(of: code))\(advice)")
    }
}
