import Calls
import JSON

/// Where an existing journal file goes on: read and checked from the last start of a gate to the end.
struct JournalTail {
    /// The number and hash (as written) of the last whole line.
    var seq: UInt64
    var hash: [UInt8]
    /// The bytes of whole lines.
    var length = 0
    /// Bytes after those: a line that a crash left incomplete.
    var torn = 0
    var openCalls: [OpenCall] = []

    /// Reads the end of the file `name`, whose first line is number `first`.
    ///
    /// Throws where a line does not fit, or where `note` knows of more than there is. An incomplete last line is not
    /// such a case as long as nobody was promised it: `note` has not come so far, and a call is sent only after its
    /// line was written whole.
    init(
        of name: String, first: UInt64, in directory: String, note: JournalHead
    ) throws(JournalFailure) {
        var number = 0
        func damaged(_ seq: UInt64?, _ problem: JournalFinding.Problem) -> JournalFailure {
            .damaged(directory: directory, finding: .init(file: name, line: number, seq: seq, problem: problem))
        }
        let file = try JournalFile(reading: "\(directory)/\(name)")
        let end = try file.length()
        let start = try Self.lastGateStart(file, end: end)
        var reader = JournalReader(file, from: start)
        var check: ChainCheck? = start == 0 && first == 1 ? ChainCheck() : nil
        var calls = OpenCalls()
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
                throw damaged(line?.seq, problem ?? .malformed)
            }
            if line.seq == note.seq, line.head != note {
                throw damaged(line.seq, .replaced(head: note, from: .note))
            }
            check = chain
            (seq, hash) = (line.seq, line.hash)
            length = found.offset + found.bytes.count + 1
            calls.follow(Array(found.bytes))
        }
        guard note.seq <= seq else {
            throw damaged(seq > 0 ? seq : nil, .cut(head: note, from: .note))
        }
        openCalls = calls.open.values.sorted { $0.id.description < $1.id.description }
    }

    /// The offset of the last line that says that a gate started, 0 where there is none: what was open before that was
    /// closed by that start.
    private static func lastGateStart(_ file: borrowing JournalFile, end: Int) throws(JournalFailure) -> Int {
        // A quote inside a text is written `\"`, so no text can contain this.
        let mark = Array(",\"kind\":\"gate.start\",".utf8)
        let step = 1 << 20
        var end = end
        while end >= mark.count {
            let start = max(0, end - step)
            let bytes = try file.read(at: start, count: end - start)
            if let place = lastIndex(of: mark, in: bytes) {
                let before = min(start + place, JournalLine.longest)
                let line = try file.read(at: start + place - before, count: before)
                return start + place - before + (line.lastIndex(of: lineFeed).map { $0 + 1 } ?? 0)
            }
            // The next step sees a mark that lies across the border.
            end = start == 0 ? 0 : start + mark.count - 1
        }
        return 0
    }

    private static func lastIndex(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count)).last { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
    }
}

/// Which calls are open, line by line.
private struct OpenCalls {
    var open: [String: OpenCall] = [:]
    /// The call that made each hold.
    private var makers: [String: String] = [:]

    mutating func follow(_ line: [UInt8]) {
        guard let root = try? JSONDocument.parse(line).root, let kind = root["kind"]?.text?.string else { return }
        let call = root["call"]?.text?.string
        let hold = root["hold"]?.text?.string
        switch (kind, call, hold) {
        case ("call.open", let call?, _):
            let passes = root["disposition"]?.text == "pass"
            open[call] = OpenCall(id: CallID(call), hold: hold.flatMap { HoldID($0) }, mayHaveLeft: passes)
        case ("call.close", let call?, _):
            guard let hold = open.removeValue(forKey: call)?.hold?.description else { return }
            if makers[hold] == call { makers[hold] = nil }
        case ("hold.created", let call?, let hold?):
            open[call]?.hold = HoldID(hold)
            makers[hold] = call
        case ("call.send", let call, let hold?):
            for sender in [call, makers[hold]] {
                if let sender { open[sender]?.mayHaveLeft = true }
            }
        case ("hold.unsent", _, let hold?):
            if let maker = makers[hold] { open[maker]?.mayHaveLeft = false }
        default: break
        }
    }
}
