import Calls
import Crypto
import Glibc
import Holds
import JSON
import Rules
import Stores
import Synchronization
import System
import Testing

@testable import Proxy

@Suite("The recorder: off the call path, and never in silence")
struct CallRecorderTests {
    private final class Place: Sendable {
        let path: String
        let key: SealingKey
        let said = Mutex<[String]>([])

        init() throws {
            path = try Files.makeTemporaryDirectory("tiergate-test")
            key = try SealingKey(SecureRandom.bytes(SealingKey.length))
        }

        deinit { Files.remove(path) }

        var directory: String { "\(path)/recordings" }

        func recorder(_ change: (inout CallRecorder.Limits) -> Void = { _ in }) throws -> CallRecorder {
            var limits = CallRecorder.Limits()
            change(&limits)
            return try CallRecorder(
                try RecordingWriter(in: directory, key: key), principalKey: [1, 2, 3], limits: limits,
                log: { [weak self] line in self?.said.withLock { $0.append(line) } })
        }

        func entries() throws -> [RecordedEntry] {
            try RecordingFormat.files(in: directory).flatMap { path, size in
                let reader = try RecordingReader(path, size: size, key: key)
                var entries: [RecordedEntry] = []
                while let frame = try reader.next() { entries += try frame.map { try RecordedEntry($0) } }
                return entries
            }
        }
    }

    private func call(_ number: Int, body: [UInt8] = []) -> Call {
        Call(
            id: CallID("c_\(number)"), session: SessionID("s"), method: "GET",
            target: Target(
                scheme: .http, authority: Authority(host: "a.test", port: 80), segments: [Text("\(number)")], query: [],
                spelling: Text("/\(number)")),
            fields: Fields(), body: body.isEmpty ? .none : .bytes(body), document: .none, operations: [.http],
            principal: .none)
    }

    private let verdict = Verdict(tier: .readOnly, disposition: .pass, reason: "r", rulesDigest: "d")

    private func paths(_ entries: [RecordedEntry]) -> [String] {
        entries.compactMap {
            guard case .call(let call) = $0 else { return nil }
            return (try? call.call())?.target.spelling.string
        }
    }

    @Test("every call that was handed over is in the recording once it is closed")
    func all() throws {
        let place = try Place()
        let recorder = try place.recorder()
        for number in 0..<1000 { recorder.note(call(number), verdict, of: nil) }
        recorder.close()
        #expect(paths(try place.entries()) == (0..<1000).map { "/\($0)" })
        #expect(recorder.failure == nil && place.said.withLock { $0 }.isEmpty)
    }

    @Test("what does not fit the queue is counted in the recording")
    func overflow() throws {
        let place = try Place()
        let recorder = try place.recorder { $0.queuedCalls = 10 }
        // The recorder gathers first, so that all of these come before it looks.
        for number in 0..<100 { recorder.note(call(number), verdict, of: nil) }
        recorder.close()
        let entries = try place.entries()
        var left: UInt64 = 0
        for case .gap(_, let calls, let reason) in entries {
            left += calls
            #expect(reason.contains("faster"))
        }
        #expect(left > 0 && paths(entries).count + Int(left) == 100)
    }

    @Test("bodies that wait are bounded too, and one always goes through")
    func bytes() throws {
        let place = try Place()
        let recorder = try place.recorder { $0.queuedBytes = 100 }
        for number in 0..<3 { recorder.note(call(number, body: [UInt8](repeating: 1, count: 90)), verdict, of: nil) }
        recorder.close()
        let entries = try place.entries()
        #expect(!paths(entries).isEmpty && entries.contains { if case .gap = $0 { true } else { false } })
    }

    @Test("a directory that goes away is said once, shown, tried again, and its calls are counted")
    func trouble() throws {
        let place = try Place()
        let recorder = try place.recorder { $0.pause = 0 }
        Files.remove(place.directory)
        recorder.note(call(1), verdict, of: nil)
        _ = try eventually("the failure") { recorder.failure }
        recorder.note(call(2), verdict, of: nil)
        usleep(200_000)
        #expect(place.said.withLock { $0.count } == 1)
        try Files.makeDirectory(place.directory, mode: 0o700)
        recorder.note(call(3), verdict, of: nil)
        _ = try eventually("it goes on") { recorder.failure == nil ? true : nil }
        recorder.close()
        let entries = try place.entries()
        #expect(paths(entries) == ["/3"])
        guard case .gap(_, 2, let reason)? = entries.first else { return #expect(Bool(false), "\(entries)") }
        #expect(reason.contains("could not be written"))
        #expect(place.said.withLock { $0.last }?.contains("recorded again; 2 were not") == true)
    }

    @Test("calls that the gate takes for one have one mark, others have others")
    func sameness() throws {
        let place = try Place()
        let recorder = try place.recorder()
        for number in [1, 1, 2] { recorder.note(call(number), verdict, of: nil) }
        recorder.close()
        let marks = try place.entries().compactMap { if case .call(let call) = $0 { call.sameness } else { nil } }
        #expect(marks.count == 3 && marks[0] == marks[1] && marks[1] != marks[2])
    }
}
