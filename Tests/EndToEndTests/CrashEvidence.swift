import Foundation

/// What the upstream noted, what the journal says, and what agents and operators were told, over the rounds of a stand.
struct CrashEvidence {
    /// A request that reached the upstream.
    struct Arrival {
        let at: UInt64
        let process: Int
        let number: Int
        let method: String
        let path: String
        let agent: String
        /// How it begins.
        let body: String
        let length: Int
        let sha256: String
    }

    let ledger: CrashLedger
    private let journalDirectory: String
    private let upstreamLog: String
    private var upstreamOffset: UInt64 = 0
    private var journalOffsets: [String: UInt64] = [:]

    /// By the action's id.
    private(set) var arrivals: [String: [Arrival]] = [:]
    /// Of held calls, in this round.
    private(set) var newlySent = 0
    /// Openings in the journal by the action's id; permits and approvals by the hold's.
    private(set) var openings: [String: Int] = [:]
    private(set) var permits: [String: [(digest: String, by: String)]] = [:]
    private(set) var rulings: [String: [(ruling: String, digest: String)]] = [:]
    private(set) var openCalls: Set<String> = []
    private(set) var closedTwice: [String] = []
    /// Calls that were open when the last process had ended.
    private(set) var leftOpen: Set<String> = []
    /// A disk broke off: lines that permit no held call, and were not synced, may be gone.
    private(set) var hasLostUnsynced = false

    var told: [CrashLedger.Told] = []
    var announced: [String: String] = [:]
    var states: [String: String] = [:]
    var given: [String: Set<String>] = [:]
    var givenAt: [String: UInt64] = [:]
    var ordersSeen = 0
    var reported: Set<String> = []

    init(_ ledger: CrashLedger, journal: String, upstream: String) {
        self.ledger = ledger
        journalDirectory = journal
        upstreamLog = upstream
    }

    /// A hold may have been closed because it could not be recorded.
    private(set) var hasFailedToRecord = false

    mutating func lostUnsynced() { hasLostUnsynced = true }
    mutating func failedToRecord() { hasFailedToRecord = true }

    /// Whole lines after `offset`, which moves behind them.
    private static func lines(of file: String, from offset: inout UInt64) throws -> [Substring] {
        guard let handle = FileHandle(forReadingAtPath: file) else { return [] }
        defer { try? handle.close() }
        try handle.seek(toOffset: offset)
        let data = try handle.readToEnd() ?? Data()
        guard let end = data.lastIndex(of: 0x0A) else { return [] }
        offset += UInt64(end - data.startIndex + 1)
        return String(decoding: data[...end], as: UTF8.self).split(separator: "\n")
    }

    private static func id(_ path: String?) -> String { path?.split(separator: "/").last.map(String.init) ?? "" }

    mutating func readUpstream() throws {
        newlySent = 0
        try readArrivals()
    }

    private mutating func readArrivals() throws {
        for line in try CrashEvidence.lines(of: upstreamLog, from: &upstreamOffset) {
            guard let json = CrashJSON(line), let path = json["path"].text, let method = json["method"].text else {
                continue
            }
            let agent = json["fields"].list.first { $0.list.first?.text == "x-agent" }?.list.last?.text ?? ""
            arrivals[CrashEvidence.id(path), default: []].append(
                Arrival(
                    at: UInt64(json["at"].integer ?? 0), process: json["process"].integer ?? 0,
                    number: json["number"].integer ?? 0, method: method, path: path, agent: agent,
                    body: json["begins"].text ?? "",
                    length: json["length"].integer ?? 0, sha256: json["sha256"].text ?? ""))
            if method == "POST" || method == "DELETE" { newlySent += 1 }
        }
    }

    /// What has come since: what is sent after a start is there at the second look.
    mutating func readUpstreamAgain() { try? readArrivals() }

    mutating func readJournal() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: journalDirectory).sorted()
        for file in files where file.hasSuffix(".jsonl") {
            var offset = journalOffsets[file] ?? 0
            for line in try CrashEvidence.lines(of: "\(journalDirectory)/\(file)", from: &offset) {
                if let json = CrashJSON(line) { take(json) }
            }
            journalOffsets[file] = offset
        }
    }

    private mutating func take(_ line: CrashJSON) {
        let hold = line["hold"].text ?? ""
        let call = line["call"].text ?? ""
        switch line["kind"].text {
        case "gate.start": leftOpen = openCalls
        case "call.open":
            openings[CrashEvidence.id(line["target"].text), default: 0] += 1
            openCalls.insert(call)
        case "call.close": if openCalls.remove(call) == nil { closedTwice.append(call) }
        case "call.send":
            permits[hold, default: []].append((line["digest"].text ?? "", line["by"].text ?? ""))
        case "hold.decided":
            rulings[hold, default: []].append((line["decision"].text ?? "", line["digest"].text ?? ""))
        case _: break
        }
    }
}
