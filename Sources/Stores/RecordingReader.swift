package import Crypto
package import Holds

/// Reads one file of recordings, frame by frame; what cannot be read is passed over and named.
package final class RecordingReader {
    /// What is missing of a file.
    package enum Finding: Hashable, Sendable, CustomStringConvertible {
        /// The last frame is not whole, as a crash, a full disk or a gate that is writing leaves it.
        case torn(bytes: Int)
        /// A frame was altered or swapped.
        case damaged(frame: UInt64)
        /// From here on nothing can be told apart.
        case unreadable(offset: Int)
        /// The key is not that of the gate that recorded.
        case otherKey
        case notARecording

        package var description: String {
            switch self {
            case .torn(let bytes): "the last \(bytes) bytes are incomplete, as a crash leaves them"
            case .damaged(let frame): "frame \(frame) was altered, and what is in it is left out"
            case .unreadable(let offset): "nothing can be read from byte \(offset) on"
            case .otherKey: "it is sealed with another key"
            case .notARecording: "it is not a recording"
            }
        }
    }

    private let file: PrivateFile
    private let key: SealingKey
    private let size: Int
    private var id: [UInt8] = []
    private var offset = 0
    private var index: UInt64 = 0
    private var isOver = false
    package private(set) var findings: [Finding] = []

    package init(_ path: String, size: Int, key: SealingKey) throws(StoreFailure) {
        file = try PrivateFile(reading: path)
        self.key = key
        self.size = size
        let opening = RecordingFormat.magic.count + RecordingFormat.idLength
        let bytes = try file.read(at: 0, count: opening)
        offset = opening
        id = Array(bytes.suffix(RecordingFormat.idLength))
        if bytes.count < opening {
            end(
                RecordingFormat.magic.starts(with: bytes.prefix(RecordingFormat.magic.count))
                    ? .torn(bytes: bytes.count) : .notARecording)
        } else if !bytes.starts(with: RecordingFormat.magic) {
            end(.notARecording)
        } else {
            // The first frame is empty: it only shows whether the key is right.
            guard let first = try sealed() else {
                if findings.isEmpty { end(.torn(bytes: size)) }
                return
            }
            if open(first) == nil { end(.otherKey) }
            index = 1
        }
    }

    /// How far it has read, for those who show it.
    package var position: Int { min(offset, size) }

    /// The entries of the next frame; nil after the last one.
    package func next() throws(StoreFailure) -> [ArraySlice<UInt8>]? {
        while !isOver, let bytes = try sealed() {
            defer { index += 1 }
            guard let frame = open(bytes), let entries = Self.entries(frame) else {
                // At the very end it is a frame whose blocks did not all reach the disk.
                findings.append(offset >= size ? .torn(bytes: bytes.count + 4) : .damaged(frame: index))
                continue
            }
            return entries
        }
        return nil
    }

    /// The next frame as it is in the file.
    private func sealed() throws(StoreFailure) -> [UInt8]? {
        guard !isOver, offset < size else { return nil }
        let head = try file.read(at: offset, count: 4)
        let count = RecordingFormat.length(head[...])
        guard head.count == 4, offset + 4 + count <= size else {
            // A length that no writer writes is damage, and says nothing of where the next one would be.
            end(count > RecordingFormat.largestFrame ? .unreadable(offset: offset) : .torn(bytes: size - offset))
            return nil
        }
        guard count >= SealingKey.overhead, count <= RecordingFormat.largestFrame else {
            end(.unreadable(offset: offset))
            return nil
        }
        let bytes = try file.read(at: offset + 4, count: count)
        offset += 4 + count
        return bytes
    }

    private func open(_ bytes: [UInt8]) -> [UInt8]? {
        try? key.open(bytes, associated: RecordingFormat.place(id, index))
    }

    private func end(_ finding: Finding) {
        findings.append(finding)
        isOver = true
    }

    /// What the frame's lengths divide it into; nil where they do not fit.
    package static func entries(_ frame: [UInt8]) -> [ArraySlice<UInt8>]? {
        var entries: [ArraySlice<UInt8>] = []
        var rest = frame[...]
        while !rest.isEmpty {
            let count = RecordingFormat.length(rest.prefix(4))
            rest = rest.dropFirst(4)
            guard count <= rest.count else { return nil }
            entries.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return entries
    }
}
