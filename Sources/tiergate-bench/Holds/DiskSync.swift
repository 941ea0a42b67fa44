import Glibc
import System

/// A line that is appended to a file and synced: what a durable step costs on this disk, by itself.
final class DiskSync {
    private let file: FileDescriptor
    private let line = [UInt8](repeating: 0x20, count: 512)

    init(in directory: ScratchDirectory) throws(BenchFailure) {
        let raw = open(directory.file("synced"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw BenchFailure("open: \(IOError.explanation(of: errno))") }
        file = FileDescriptor(owning: raw)
    }

    func time(into latencies: inout Latencies) throws(BenchFailure) {
        let start = Moment.now()
        guard write(file.raw, line, line.count) == line.count, fdatasync(file.raw) == 0 else {
            throw BenchFailure("write: \(IOError.explanation(of: errno))")
        }
        latencies.append(from: start, to: .now())
    }
}

@available(*, unavailable)
extension DiskSync: Sendable {}
