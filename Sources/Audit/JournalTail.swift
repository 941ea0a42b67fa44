import Calls

/// Where an existing journal file goes on: read and checked to the end from the last line that tells which calls are open,
/// the start of a gate or the start of the file.
struct JournalTail {
    /// The number and hash (as written) of the last whole line.
    var seq: UInt64
    var hash: [UInt8]
    /// The bytes of whole lines.
    var length = 0
    /// Bytes after those: what a crash left incomplete.
    var torn = 0
    var openCalls = OpenCalls()

    /// Reads the end of the file `name`, whose first line is number `first`.
    ///
    /// Throws where a line does not fit, or where a head is known that is not there. Lines behind every head are no such
    /// case, nor is an incomplete last one: a power cut may take lines of the last second, by which calls of tiers 1 and 2
    /// were let through; a held call is sent when its line is on disk, and heads tell of that.
    init(
        of name: String, first: UInt64, in directory: String,
        known: [(head: JournalHead, source: JournalHead.Source)]
    ) throws(JournalFailure) {
        var number = 0
        func damaged(_ seq: UInt64?, _ problem: JournalFinding.Problem) -> JournalFailure {
            .damaged(directory: directory, finding: .init(file: name, line: number, seq: seq, problem: problem))
        }
        let file = try JournalFile(reading: "\(directory)/\(name)")
        let end = try file.length()
        let start = try Self.lastReckoning(file, end: end)
        var reader = JournalReader(file, from: start)
        var check: ChainCheck? = start == 0 && first == 1 ? ChainCheck() : nil
        seq = first - 1
        hash = JournalLine.genesis
        while let found = try reader.next() {
            let beginning = JournalLine(found.bytes)?.seq ?? first
            var chain = check ?? ChainCheck(before: beginning)
            // What lies before was not read: in a whole journal the numbers count the lines.
            number = check == nil ? Int(clamping: beginning - min(first, beginning)) + 1 : number + 1
            let (line, problem) = chain.follow(found.bytes, isComplete: found.isComplete)
            if !found.isComplete, found.bytes.count == end - found.offset {
                torn = found.bytes.count
                break
            }
            guard let line, problem == nil else {
                // A disk that breaks off may have the second of two pages and not the first. Beyond every head nobody was
                // promised anything; what is there is kept, and the journal says so.
                if !known.isEmpty, known.allSatisfy({ $0.head.seq <= seq }) {
                    torn = end - length
                    break
                }
                throw damaged(line?.seq, problem ?? .malformed)
            }
            for (head, source) in known where head.seq == line.seq && line.head != head {
                throw damaged(line.seq, .replaced(head: head, from: source))
            }
            check = chain
            (seq, hash) = (line.seq, line.hash)
            length = found.offset + found.bytes.count + 1
            openCalls.follow(line: Array(found.bytes))
        }
        for (head, source) in known where head.seq > seq {
            throw damaged(seq > 0 ? seq : nil, .cut(head: head, from: source))
        }
    }

    /// The offset of the last line before which nothing has to be read: a gate that starts has closed what was open, and
    /// a file that is not the first begins with what is. 0 where there is none.
    private static func lastReckoning(_ file: borrowing JournalFile, end: Int) throws(JournalFailure) -> Int {
        // A quote inside a text is written `\"`, so no text can contain these.
        let marks = ["gate.start", "journal.segment"].map { Array(",\"kind\":\"\($0)\",".utf8) }
        let longest = marks.map(\.count).max() ?? 0
        let step = 1 << 20
        var end = end
        while end > 0 {
            let start = max(0, end - step)
            let bytes = try file.read(at: start, count: end - start)
            if let place = marks.compactMap({ lastIndex(of: $0, in: bytes) }).max() {
                let before = min(start + place, JournalLine.longest)
                let line = try file.read(at: start + place - before, count: before)
                return start + place - before + (line.lastIndex(of: lineFeed).map { $0 + 1 } ?? 0)
            }
            // The next step sees a mark that lies across the border.
            end = start == 0 ? 0 : start + longest - 1
        }
        return 0
    }

    private static func lastIndex(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count)).last { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
    }
}
