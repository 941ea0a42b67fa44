import Audit
import Calls
import Crypto
import Holds
import JSON
import Proxy
import Stores
import System

/// Recorded calls, from where they are: the recordings of a gate, or its journal.
struct RecordingSource {
    enum Place {
        case recordings(String, key: SealingKey)
        case journal(String)

        var directory: String {
            switch self {
            case .recordings(let directory, _), .journal(let directory): directory
            }
        }
    }

    let place: Place
    /// Earlier calls are passed over.
    let since: Timestamp?

    /// What is missing, as sentences.
    private(set) var findings: [String] = []
    /// Calls that the gate could not record.
    private(set) var unrecorded: UInt64 = 0
    private(set) var files = 0

    init(_ place: Place, since: Timestamp?) {
        self.place = place
        self.since = since
    }

    /// Nothing is there, or nothing of it can be read.
    struct Unreadable: Error { let sentence: String }

    /// Hands out each call, and says now and then which part of all bytes has been read.
    mutating func forEach(
        progress: (Double) -> Void, _ body: (RecordedCall) -> Void
    ) throws(Unreadable) {
        switch place {
        case .recordings(let directory, let key): try recordings(directory, key, progress, body)
        case .journal(let directory): try journal(directory, progress, body)
        }
    }

    // MARK: Recordings

    private mutating func recordings(
        _ directory: String, _ key: SealingKey, _ progress: (Double) -> Void, _ body: (RecordedCall) -> Void
    ) throws(Unreadable) {
        let found: [(path: String, size: Int)]
        do throws(StoreFailure) {
            found = try RecordingFormat.files(in: directory)
        } catch {
            throw Unreadable(sentence: error.description)
        }
        guard !found.isEmpty else {
            throw Unreadable(sentence: "there are no recordings in \(directory); `tiergate serve --record` makes them")
        }
        let all = max(1, found.reduce(0) { $0 + $1.size })
        var done = 0
        var otherKeys = 0
        for (path, size) in found {
            files += 1
            do throws(StoreFailure) {
                let reader = try RecordingReader(path, size: size, key: key)
                while let entries = try reader.next() {
                    for bytes in entries { take(bytes, path, body) }
                    progress(Double(done + reader.position) / Double(all))
                }
                if reader.findings.contains(.otherKey) { otherKeys += 1 }
                findings += reader.findings.map { "\(path): \($0)" }
            } catch {
                findings.append("\(path): \(error)")
            }
            done += size
        }
        if otherKeys == found.count {
            throw Unreadable(
                sentence: "the recordings in \(directory) are sealed with another key; name that of the gate that made "
                    + "them with --key FILE or --state DIR")
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ path: String, _ body: (RecordedCall) -> Void) {
        switch try? RecordedEntry(bytes) {
        case .call(let call)?:
            if since.map({ call.time >= $0 }) ?? true { body(call) }
        case .gap(let time, let calls, let reason)?:
            guard since.map({ time >= $0 }) ?? true else { return }
            unrecorded += calls
            findings.append("\(path): \(counted(Int(clamping: calls), "call")) not recorded before \(time): \(reason)")
        case nil: findings.append("\(path): an entry has no reading; another version may have made it")
        }
    }

    // MARK: A journal

    /// Bytes of one journal file; they are ended far below it.
    private static let largestFile = 1 << 32

    private mutating func journal(
        _ directory: String, _ progress: (Double) -> Void, _ body: (RecordedCall) -> Void
    ) throws(Unreadable) {
        let paths = Files.names(in: directory).filter { $0.hasPrefix("journal-") && $0.hasSuffix(".jsonl") }
        guard !paths.isEmpty else { throw Unreadable(sentence: "there is no journal in \(directory)") }
        for (number, name) in paths.enumerated() {
            files += 1
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try Files.read("\(directory)/\(name)", limit: Self.largestFile)
            } catch {
                throw Unreadable(sentence: "cannot read the journal: \(error)")
            }
            for line in bytes.split(separator: 0x0A) {
                guard let root = try? JSONDocument.parse(Array(line)).root, root["kind"]?.text == "call.open",
                    let call = JournalledCall.read(root), since.map({ call.time >= $0 }) ?? true
                else { continue }
                body(call)
            }
            progress(Double(number + 1) / Double(paths.count))
        }
    }
}

/// A call of a journal: its head without fields and values, and no body.
enum JournalledCall {
    static func read(_ line: JSONNode) -> RecordedCall? {
        guard let time = line["time"]?.text.flatMap({ Timestamp(spelling: $0.string) }),
            let method = line["method"]?.text?.string, let target = line["target"]?.text?.string,
            let session = line["session"]?.text?.string, let id = line["call"]?.text?.string,
            let tier = line["tier"]?.integer.flatMap({ Tier(rawValue: Int(clamping: $0)) }),
            let disposition = line["disposition"]?.text.flatMap({ Disposition(rawValue: $0.string) }),
            let mark = target.utf8.firstRange(of: "://".utf8)
        else { return nil }
        let rules = line["rules"]?.elements.compactMap { $0.text?.string } ?? []
        let host = target.utf8[mark.upperBound...].prefix { $0 != 0x2F && $0 != 0x3F }
        // The journal writes a dot of dots for each value of a query.
        let url = target.replacing("=…", with: "=%E2%80%A6")
        let message = "\(method) \(url) HTTP/1.1\r\nHost: \(String(host) ?? "")\r\n\r\n"
        let isBare = ["GET", "HEAD", "DELETE", "OPTIONS", "DNS"].contains(method)
        return RecordedCall(
            time: time, session: SessionID(session), facts: RecordedCall.Facts(),
            judgement: RecordedCall.Judgement(
                tier: tier, disposition: disposition, rules: rules,
                // Heads alone are judged otherwise by the same rules.
                rulesDigest: ""),
            // Without bodies nobody knows which of them are the same: each counts as a hold of its own.
            sameness: Array(SHA256.digest(Array(id.utf8)).bytes.prefix(16)),
            content: isBare ? .none : .withheld(length: 0), message: Array(message.utf8))
    }
}
