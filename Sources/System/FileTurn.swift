import Glibc

/// A turn among processes that ask for the same file; the others wait until it ends.
package final class FileTurn: Sendable {
    private let file: FileDescriptor

    package init(waitingFor path: String) throws(IOError) {
        let raw = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard raw >= 0 else { throw .system("open \(path)", errno) }
        file = FileDescriptor(owning: raw)
        while flock(raw, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .system("lock \(path)", errno) }
        }
    }

    package func end() { flock(file.raw, LOCK_UN) }
}
