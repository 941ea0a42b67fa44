import Foundation
import Glibc
import Synchronization

/// Ends the load of a round.
final class CrashWhistle: Sendable {
    private let blown = Atomic<Bool>(false)
    var isBlown: Bool { blown.load(ordering: .relaxed) }
    func blow() { blown.store(true, ordering: .relaxed) }
}

/// Runs what blocks on a thread of its own.
func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// One answer of the gate's over a connection that ended with it.
struct CrashAnswer {
    let status: Int
    private(set) var fields: [String: String] = [:]
    let body: String
    let isWhole: Bool

    init(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            (status, body, isWhole) = (0, "", false)
            return
        }
        let lines = text[..<end.lowerBound].replacing("\r\n", with: "\n").split(separator: "\n")
        let start = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        status = start.count > 1 ? Int(start[1]) ?? 0 : 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
        }
        body = String(text[end.upperBound...])
        isWhole = fields["content-length"].flatMap { Int($0) } == body.utf8.count
    }
}

/// An agent that reads, writes and acts, repeats itself as clients do, comes back for what is held, and sometimes leaves.
struct CrashAgent: Sendable {
    let number: Int
    let port: Int
    let ledger: CrashLedger
    let whistle: CrashWhistle
    var chance: SeededChance

    mutating func run() {
        while !whistle.isBlown {
            switch chance.from(1...100) {
            case ...25: ask(ledger.begin("GET", kind, by: number))
            case ...38: ask(ledger.begin("PUT", kind, by: number))
            case ...60: insist(ledger.begin(acting, kind, by: number, repeats: size))
            case ...70: storm(ledger.begin(acting, kind, by: number, repeats: size))
            case ...78: leave(ledger.begin(acting, kind, by: number, repeats: size))
            case _: if let action = ledger.earlier(of: number, &chance) { ask(action) }
            }
            pause(1...12)
        }
    }

    /// One call of each sort, once.
    mutating func probe() {
        for method in ["GET", "PUT", "POST"] { ask(ledger.begin(method, "echo", by: number)) }
        if let action = ledger.earlier(of: number, &chance) { ask(action) }
    }

    private var kind: String {
        mutating get { chance.hits(30) ? "slow" : "echo" }
    }

    private var acting: String {
        mutating get { chance.hits(15) ? "DELETE" : "POST" }
    }

    /// Now and then a body that is not kept in memory.
    private var size: Int {
        mutating get { chance.hits(12) ? chance.from(250...2000) : 1 }
    }

    private mutating func pause(_ range: ClosedRange<Int>) { usleep(UInt32(chance.from(range)) * 1000) }

    private func send(_ action: CrashLedger.Action) -> RawAgent? {
        let connection = RawAgent(port: port)
        connection?.send(
            """
            \(action.method) http://api.test\(action.path) HTTP/1.1\r
            Host: api.test\r
            X-Agent: \(number)\r
            Authorization: Bearer agent-\(number)\r
            Content-Length: \(action.body.utf8.count)\r
            Connection: close\r
            \r
            \(action.body)
            """)
        return connection
    }

    /// The status; 0 where there was no answer.
    @discardableResult
    private func ask(_ action: CrashLedger.Action) -> Int {
        let began = CrashLedger.now
        return read(send(action), action, began)
    }

    private func read(_ connection: RawAgent?, _ action: CrashLedger.Action, _ began: UInt64) -> Int {
        let answer = CrashAnswer(connection?.rest().text ?? "")
        ledger.note(
            CrashLedger.Told(
                action: action, began: began, status: answer.status, hold: answer.fields["tiergate-hold"],
                isWhole: answer.isWhole, body: answer.body))
        return answer.status
    }

    /// Asks again while it is told to wait.
    private mutating func insist(_ action: CrashLedger.Action) {
        for _ in 0..<chance.from(1...6) {
            let status = ask(action)
            if status == 200 || status == 403 || whistle.isBlown { return }
            pause(3...60)
        }
    }

    /// The same bytes on several connections at once, as a client does that counts its own seconds.
    private mutating func storm(_ action: CrashLedger.Action) {
        let began = CrashLedger.now
        let connections = (0..<chance.from(2...4)).map { _ in send(action) }
        for connection in connections { _ = read(connection, action, began) }
    }

    private mutating func leave(_ action: CrashLedger.Action) {
        ledger.noteLeft(action)
        let connection = send(action)
        pause(1...150)
        withExtendedLifetime(connection) {}
    }
}
