package import Calls
package import Crypto
import Glibc
package import Holds

/// How much of what is recorded is kept; the settings `record.*`.
package struct RecordingLimits: Sendable {
    /// Bytes after which a file ends.
    package var segment = 64 << 20
    /// How old a file becomes before the next one begins.
    package var age = Interval.days(1)
    /// Bytes of all files together: the oldest are removed to stay below.
    package var total = 1 << 30

    package init() {}
}

/// Writes recordings: sealed frames of entries in files that only the gate's user may read.
///
/// A file begins with `RecordingFormat.magic` and its own name for itself; then come frames, each its length in four bytes
/// and what is sealed. Each is bound to its file and its place, so that none opens elsewhere. Confined to the thread that
/// records.
package final class RecordingWriter: @unchecked Sendable {
    private let directory: String
    private let key: SealingKey
    private let limits: RecordingLimits
    private var file: Open?

    private struct Open: ~Copyable {
        let file: PrivateFile
        let id: [UInt8]
        let begun: Timestamp
        var size: Int
        var frames: UInt64
    }

    /// Makes the directory where it is missing.
    package init(in directory: String, key: SealingKey, limits: RecordingLimits = RecordingLimits())
        throws(StoreFailure)
    {
        try StateDirectory.make(directory)
        // Found at the start, and not by the first call.
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw .unavailable("write recordings into \(directory)", errno)
        }
        self.directory = directory
        self.key = key
        self.limits = limits
    }

    /// Adds entries in as few frames as they fit; what fails leaves a torn end, and the next entries go into a new file.
    package func append(_ entries: [[UInt8]], at now: Timestamp) throws(StoreFailure) {
        var rest = entries[...]
        while !rest.isEmpty {
            var frame: [UInt8] = []
            repeat {
                let entry = rest.removeFirst()
                frame += RecordingFormat.length(entry.count) + entry
            } while rest.first.map { frame.count + $0.count <= RecordingFormat.frameSize } ?? false
            try write(frame, at: now)
        }
    }

    /// What was written survives a power cut from here on.
    package func synchronise() throws(StoreFailure) { try file?.file.synchronise() }

    private func write(_ frame: [UInt8], at now: Timestamp) throws(StoreFailure) {
        var current = try take(at: now, room: frame.count)
        let sealed = try seal(frame, current.id, current.frames)
        try current.file.write(sealed)
        current.size += sealed.count
        current.frames += 1
        file = consume current
    }

    /// The file that goes on, or the next one. It is put back once it is whole again.
    private func take(at now: Timestamp, room: Int) throws(StoreFailure) -> Open {
        if let current = file.take() {
            // A clock that was set back ends no file.
            let isOld = now - current.begun >= limits.age
            if !isOld, current.size + room <= segment { return current }
            try current.file.synchronise()
        }
        return try begin(at: now)
    }

    /// Never more than half of everything: one file fills while the one before is still there.
    private var segment: Int { max(1, min(limits.segment, limits.total / 2)) }

    private func begin(at now: Timestamp) throws(StoreFailure) -> Open {
        let newest = try makeRoom()
        // After every file that is there, also where the clock was set back or has not moved on.
        let stamp = max(now.milliseconds, newest.map { $0 &+ 1 } ?? 0)
        let id = SecureRandom.bytes(RecordingFormat.idLength)
        let file = try PrivateFile(creating: "\(directory)/\(RecordingFormat.name(stamp, id))")
        let opening = RecordingFormat.magic + id
        let first = try seal([], id, 0)
        try file.write(opening + first)
        try StateDirectory.synchronise(directory)
        return Open(file: file, id: id, begun: now, size: opening.count + first.count, frames: 1)
    }

    private func seal(_ frame: [UInt8], _ id: [UInt8], _ place: UInt64) throws(StoreFailure) -> [UInt8] {
        do throws(CryptoFailure) {
            let sealed = try key.seal(frame, associated: RecordingFormat.place(id, place))
            return RecordingFormat.length(sealed.count) + sealed
        } catch {
            throw .unavailable(reason: error.description)
        }
    }

    /// Removes the oldest files until one more fits, and says when the newest began.
    private func makeRoom() throws(StoreFailure) -> Int64? {
        var files = try RecordingFormat.files(in: directory)
        var sum = files.reduce(0) { $0 + $1.size }
        let newest = files.last.flatMap { RecordingFormat.stamp(of: $0.path) }
        while sum + segment > limits.total, !files.isEmpty {
            let oldest = files.removeFirst()
            guard unlink(oldest.path) == 0 || errno == ENOENT else {
                throw .unavailable("remove \(oldest.path)", errno)
            }
            sum -= oldest.size
        }
        return newest
    }
}
