/// The lines of a journal file, one after the other, from an offset on.
struct JournalReader: ~Copyable {
    struct Line {
        /// Without the line feed.
        let bytes: ArraySlice<UInt8>
        /// Where it begins in the file.
        let offset: Int
        /// Whether a line feed follows.
        let isComplete: Bool
    }

    private static let chunk = 1 << 18

    private let file: JournalFile
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where the buffer begins in the file.
    private var base: Int

    init(_ file: consuming JournalFile, from offset: Int = 0) {
        self.file = file
        base = offset
    }

    /// The next line, nil at the end of the file. What is longer than any line can be comes in pieces.
    mutating func next() throws(JournalFailure) -> Line? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: lineFeed) {
                return take(upTo: end, isComplete: true)
            }
            searched = buffer.count
            if searched - position > JournalLine.longest { return take(upTo: searched, isComplete: false) }
            let more = try file.read(at: base + buffer.count, count: Self.chunk)
            if more.isEmpty { return position < buffer.count ? take(upTo: buffer.count, isComplete: false) : nil }
            buffer.removeSubrange(..<position)
            base += position
            searched -= position
            position = 0
            buffer.append(contentsOf: more)
        }
    }

    private mutating func take(upTo end: Int, isComplete: Bool) -> Line {
        defer { position = isComplete ? end + 1 : end }
        return Line(bytes: buffer[position..<end], offset: base + position, isComplete: isComplete)
    }
}
