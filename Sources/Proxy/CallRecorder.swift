import Calls
import Crypto
import Glibc
import Holds
import JSON
import Rules
package import Stores
import Synchronization
package import System

/// Records judged calls for rehearsals of rules: handed over on the call path, masked, sealed and written on a thread of
/// its own.
///
/// A recording may have gaps; a call is never kept waiting for it. What was left out is counted in the recording.
package final class CallRecorder: Sendable {
    package struct Limits: Sendable {
        /// Bytes of a body that are kept.
        package var body = 1 << 20
        /// Calls, and bytes of their bodies, that wait to be written; what comes beyond is counted and left out.
        package var queuedCalls = 16_384
        package var queuedBytes = 64 << 20
        /// Milliseconds until a directory that could not be written is tried again.
        package var pause: Int64 = 10_000

        package init() {}
    }

    private struct Item: Sendable {
        let call: Call
        let verdict: Verdict
        let time: Timestamp
        let facts: RecordedCall.Facts
        let floor: VerdictFloor?

        var size: Int { if case .bytes(let bytes) = call.body { bytes.count } else { 0 } }
    }

    private struct Queue {
        var items: [Item] = []
        var bytes = 0
        /// Calls for which there was no room.
        var dropped: UInt64 = 0
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    private let trouble = Mutex<String?>(nil)
    private let bell = Semaphore()
    private let ended = Semaphore()
    private let limits: Limits
    private let writer: RecordingWriter
    private let mask: CallMask
    private let sameness: HMAC
    private let log: @Sendable (String) -> Void

    /// Milliseconds in which calls come together in one frame.
    private static let gathering: UInt32 = 50

    /// - Parameters:
    ///   - principalKey: hashes credentials, as in the journal.
    ///   - log: a line for whoever runs the gate.
    package init(
        _ writer: RecordingWriter, principalKey: [UInt8], limits: Limits = Limits(),
        log: @escaping @Sendable (String) -> Void = { StandardError.write("tiergate: \($0)\n") }
    ) throws(IOError) {
        self.writer = writer
        self.limits = limits
        self.log = log
        let key = HMAC(key: principalKey)
        sameness = key
        mask = CallMask(key: key, bodyLimit: limits.body)
        try WorkerThread.spawn("recorder") { [self] in
            work()
            ended.signal()
        }
    }

    /// Why nothing is being recorded; nil while it works.
    package var failure: String? { trouble.withLock { $0 } }

    /// Hands a judged call over, and returns at once.
    @inline(never)
    func note(_ call: Call, _ verdict: Verdict, of session: Session?, atLeast floor: VerdictFloor? = nil) {
        var facts = RecordedCall.Facts()
        if let known = session?.facts.known {
            facts.calls = known.calls
            facts.holds = known.holds
            facts.failures = known.failures
            facts.autonomy = known.autonomy?.string
        }
        let time = Timestamp(milliseconds: SystemClock.wall())
        let item = Item(call: call, verdict: verdict, time: time, facts: facts, floor: floor)
        let isFirst = queue.withLock { queue -> Bool in
            guard !queue.isClosed, queue.items.count < limits.queuedCalls,
                queue.bytes + item.size <= limits.queuedBytes || queue.items.isEmpty
            else {
                queue.dropped += 1
                return false
            }
            queue.items.append(item)
            queue.bytes += item.size
            return queue.items.count == 1
        }
        if isFirst { bell.signal() }
    }

    /// Writes what is left, and ends.
    package func close() {
        let wasClosed = queue.withLock { queue in
            defer { queue.isClosed = true }
            return queue.isClosed
        }
        guard !wasClosed else { return }
        bell.signal()
        ended.wait()
    }

    // MARK: On the thread

    private func work() {
        var unwritten: UInt64 = 0
        var nextTry: Int64 = 0
        var isOver = false
        while !isOver {
            bell.wait()
            if queue.withLock({ !$0.isClosed }) { usleep(Self.gathering * 1000) }
            let (items, dropped, isClosed) = queue.withLock { queue in
                defer {
                    queue.items.removeAll()
                    (queue.bytes, queue.dropped) = (0, 0)
                }
                return (queue.items, queue.dropped, queue.isClosed)
            }
            isOver = isClosed
            guard SystemClock.monotonic() >= nextTry || isOver else {
                unwritten += UInt64(items.count) + dropped
                continue
            }
            var entries: [[UInt8]] = []
            let now = Timestamp(milliseconds: SystemClock.wall())
            if unwritten > 0 { entries.append(gap(unwritten, now, "the directory could not be written")) }
            if dropped > 0 { entries.append(gap(dropped, now, "calls came faster than they could be written")) }
            entries += items.map(entry)
            do throws(StoreFailure) {
                try writer.append(entries, at: now)
                if isOver { try writer.synchronise() }
                recovered(unwritten)
                unwritten = 0
            } catch {
                unwritten += UInt64(items.count) + dropped
                nextTry = SystemClock.monotonic() + limits.pause
                failed(error)
            }
        }
    }

    private func gap(_ calls: UInt64, _ now: Timestamp, _ reason: String) -> [UInt8] {
        RecordedEntry.gap(at: now, calls: calls, reason: reason).bytes
    }

    private func failed(_ failure: StoreFailure) {
        let isNew = trouble.withLock { trouble in
            defer { trouble = failure.description }
            return trouble == nil
        }
        if isNew {
            log("calls are not recorded, and go on: \(failure); it is tried again every \(limits.pause / 1000) s")
        }
    }

    private func recovered(_ unwritten: UInt64) {
        let wasFailing = trouble.withLock { trouble in
            defer { trouble = nil }
            return trouble != nil
        }
        if wasFailing { log("calls are recorded again; \(unwritten) were not") }
    }

    private func entry(_ item: Item) -> [UInt8] {
        let (message, content) = mask.masked(item.call)
        let input = ActionBytes.repeatInput(item.call) { CallRecorder.digest(item.call.body, without: $0) }
        return RecordedEntry.call(
            RecordedCall(
                time: item.time, session: item.call.session, facts: item.facts, floorTier: item.floor?.tier,
                floorReason: item.floor?.reason ?? "",
                judgement: RecordedCall.Judgement(
                    tier: item.verdict.tier, disposition: item.verdict.disposition,
                    rules: item.verdict.matches.map(\.rule), rulesDigest: item.verdict.rulesDigest),
                sameness: Array(sameness.authenticate(input).bytes.prefix(16)), content: content, message: message)
        ).bytes
    }

    private static func digest(_ body: Body, without boundary: [UInt8]?) -> Digest {
        switch body {
        case .none, .streamed: SHA256.digest([])
        case .bytes(let bytes): SHA256.digest(boundary.map { bytes.removing($0) } ?? bytes)
        case .spooled(_, _, let digest): digest
        }
    }
}
