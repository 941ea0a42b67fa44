import Calls
import Glibc
package import Holds
import System

/// What writer and reader of recordings agree on.
package enum RecordingFormat {
    static let magic = Array("tiergate-recording-1\n".utf8)
    static let idLength = 16
    /// Bytes of entries in a frame; one that is larger has a frame of its own.
    static let frameSize = 1 << 20
    /// What a frame can have at most: an entry with the largest body that is kept, and room for the rest of it.
    package static let largestFrame = (256 << 20) + (16 << 20)
    private static let ending = ".sealed"
    private static let beginning = "recording-"

    /// In the order of time, which is in milliseconds: `recording-001795290053000-5f3a9c01.sealed`.
    static func name(_ stamp: Int64, _ id: [UInt8]) -> String {
        let digits = String(max(0, stamp))
        let filled = String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
        return "\(beginning)\(filled)-\(hexadecimal(id.prefix(4)))\(ending)"
    }

    private static let digitCount = 15

    /// The time in a file's name; nil where there is none.
    static func stamp(of path: String) -> Int64? {
        guard let name = path.split(separator: "/").last else { return nil }
        return Int64(name.dropFirst(beginning.utf8.count).prefix(digitCount))
    }

    static func length(_ count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }

    static func length(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// What a frame is bound to.
    static func place(_ id: [UInt8], _ index: UInt64) -> [UInt8] {
        magic + id + (0..<8).map { UInt8(truncatingIfNeeded: index >> (56 - 8 * UInt64($0))) }
    }

    /// The recordings in a directory, oldest first.
    package static func files(in directory: String) throws(StoreFailure) -> [(path: String, size: Int)] {
        var status = stat()
        guard stat(directory, &status) == 0 else { throw .unavailable("look at \(directory)", errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unavailable(reason: "\(directory) is not a directory of recordings")
        }
        guard access(directory, R_OK | X_OK) == 0 else { throw .unavailable("read \(directory)", errno) }
        var files: [(path: String, size: Int)] = []
        for name in Files.names(in: directory) where name.hasPrefix(beginning) && name.hasSuffix(ending) {
            let path = "\(directory)/\(name)"
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            files.append((path, Int(status.st_size)))
        }
        return files
    }
}
