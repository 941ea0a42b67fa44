import Glibc
import System

/// Keeps every other gate out of a journal's directory.
///
/// Not `flock`: that one can be asked about only by taking it, and a reader that asks would for that moment keep a gate
/// from starting. A lock of the open file description (fcntl) is asked about without being taken.
final class JournalLock: Sendable {
    private let owner: FileDescriptor

    private static let name = "lock"
    // fcntl.h hides these two where _GNU_SOURCE is not defined; they are part of the kernel's interface.
    private static let ask: Int32 = 36
    private static let take: Int32 = 37

    init(_ directory: String) throws(JournalFailure) {
        let path = "\(directory)/\(Self.name)"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unwritable(path: path, doing: "open", reason: IOError.explanation(of: errno))
        }
        owner = FileDescriptor(owning: descriptor)
        var whole = Self.whole(F_WRLCK)
        guard fcntl(descriptor, Self.take, &whole) == 0 else { throw .busy(path: path) }
    }

    func release() {
        var whole = Self.whole(F_UNLCK)
        _ = fcntl(owner.raw, Self.take, &whole)
    }

    /// Whether a gate is writing the journal in this directory.
    static func isHeld(_ directory: String) -> Bool {
        let descriptor = Glibc.open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var found = whole(F_WRLCK)
        return fcntl(descriptor, ask, &found) == 0 && Int32(found.l_type) != F_UNLCK
    }

    /// The whole file. Open file description locks want a process of 0.
    private static func whole(_ type: Int32) -> flock {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }
}

extension Journal {
    /// Whether a gate is writing the journal in this directory.
    package static func isKept(in directory: String) -> Bool { JournalLock.isHeld(directory) }
}
