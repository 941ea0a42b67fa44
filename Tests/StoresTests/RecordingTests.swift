import Calls
import Crypto
import Glibc
import Holds
import Testing

@testable import Stores

@Suite("Recordings: sealed frames in files that end and are removed")
struct RecordingTests {
    private let scratch: Scratch
    private let key: SealingKey
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private var directory: String { "\(scratch.path)/recordings" }

    init() throws {
        scratch = try Scratch()
        key = try SealingKey(SecureRandom.bytes(SealingKey.length))
    }

    private func entry(_ number: Int, size: Int = 40) -> [UInt8] {
        Array("entry \(number) ".utf8) + [UInt8](repeating: 0x61, count: size)
    }

    private func write(_ groups: [[[UInt8]]], _ limits: RecordingLimits = RecordingLimits(), each step: Int64 = 0)
        throws
    {
        let writer = try RecordingWriter(in: directory, key: key, limits: limits)
        for (number, entries) in groups.enumerated() {
            try writer.append(entries, at: now + Interval(milliseconds: Int64(number) * step))
        }
    }

    private func files() throws -> [String] { try RecordingFormat.files(in: directory).map(\.path) }

    private func read(
        _ path: String, with other: SealingKey? = nil
    ) throws -> (entries: [[UInt8]], findings: [RecordingReader.Finding]) {
        let size = try RecordingFormat.files(in: directory).first { $0.path == path }?.size ?? 0
        let reader = try RecordingReader(path, size: size, key: other ?? key)
        var entries: [[UInt8]] = []
        while let frame = try reader.next() { entries += frame.map { Array($0) } }
        return (entries, reader.findings)
    }

    private func bytes(_ path: String) throws -> [UInt8] { try PrivateFile(reading: path).read(at: 0, count: 1 << 24) }

    private func replace(_ path: String, _ bytes: [UInt8]) throws {
        unlink(path)
        try PrivateFile(creating: path).write(bytes)
    }

    @Test("what is written is read, in order, from files that only their owner may read")
    func roundTrip() throws {
        let groups = [[entry(1), entry(2)], [entry(3)], [], [[]]]
        try write(groups)
        let path = try #require(try files().first)
        let (entries, findings) = try read(path)
        #expect(entries == groups.flatMap { $0 } && findings.isEmpty)
        #expect(Scratch.mode(of: path) == 0o600 && Scratch.mode(of: directory) == 0o700)
        #expect(try !Scratch.contains(Array("entry".utf8), in: directory))
    }

    @Test("a torn end is passed over and named, wherever it was torn")
    func torn() throws {
        try write([[entry(1)], [entry(2)]])
        let path = try #require(try files().first)
        let whole = try bytes(path)
        let frame = 4 + SealingKey.overhead + 4 + entry(2).count
        for missing in 1..<frame {
            try replace(path, whole.dropLast(missing))
            let (entries, findings) = try read(path)
            #expect(entries == [entry(1)] && findings == [.torn(bytes: frame - missing)])
        }
        try replace(path, whole.dropLast(frame))
        #expect(try read(path).findings.isEmpty)
        for count in 0..<(RecordingFormat.magic.count + 20) {
            try replace(path, Array(whole.prefix(count)))
            let (entries, findings) = try read(path)
            #expect(entries.isEmpty && findings.count == 1 && findings != [.otherKey], "\(count) \(findings)")
        }
    }

    @Test("an altered frame is left out and named; those behind it are read")
    func damaged() throws {
        try write([[entry(1)], [entry(2)], [entry(3)]])
        let path = try #require(try files().first)
        var altered = try bytes(path)
        let frame = 4 + SealingKey.overhead + 4 + entry(2).count
        altered[altered.count - frame - 1] ^= 1
        try replace(path, altered)
        let (entries, findings) = try read(path)
        #expect(entries == [entry(1), entry(3)] && findings == [.damaged(frame: 2)])
    }

    @Test("a frame does not open in another place, nor in another file")
    func swapped() throws {
        try write([[entry(1)], [entry(2)], [entry(3)]])
        let path = try #require(try files().first)
        let whole = try bytes(path)
        let frame = 4 + SealingKey.overhead + 4 + entry(1).count
        let (second, third) = (whole.suffix(2 * frame).prefix(frame), whole.suffix(frame))
        try replace(path, whole.dropLast(2 * frame) + third + second)
        let (entries, findings) = try read(path)
        #expect(entries == [entry(1)] && findings.count == 2)
    }

    @Test("another key opens nothing, and is told from damage")
    func otherKey() throws {
        try write([[entry(1)]])
        let path = try #require(try files().first)
        let other = try SealingKey(SecureRandom.bytes(SealingKey.length))
        let (entries, findings) = try read(path, with: other)
        #expect(entries.isEmpty && findings == [.otherKey])
    }

    @Test("a file of another kind is named")
    func notARecording() throws {
        try write([[entry(1)]])
        let path = try #require(try files().first)
        try replace(path, [UInt8](repeating: 0x41, count: 200))
        #expect(try read(path).findings == [.notARecording])
    }

    @Test("a file ends by its size")
    func size() throws {
        var limits = RecordingLimits()
        limits.segment = 1000
        try write((0..<20).map { [entry($0)] }, limits)
        let files = try files()
        #expect(files.count > 1)
        #expect(try files.flatMap { try read($0).entries } == (0..<20).map { entry($0) })
        #expect(try RecordingFormat.files(in: directory).allSatisfy { $0.size <= 1200 })
    }

    @Test("a file ends by its age", arguments: [(999, 1), (1000, 2)])
    func age(step: Int64, count: Int) throws {
        var limits = RecordingLimits()
        limits.age = Interval(milliseconds: 1000)
        try write([[entry(1)], [entry(2)]], limits, each: step)
        #expect(try files().count == count)
    }

    @Test("all files together stay below their limit: the oldest are removed")
    func total() throws {
        var limits = RecordingLimits()
        limits.segment = 1000
        limits.total = 4000
        try write((0..<100).map { [entry($0)] }, limits, each: 1)
        let files = try RecordingFormat.files(in: directory)
        #expect(files.reduce(0) { $0 + $1.size } <= 4000)
        let entries = try files.flatMap { try read($0.path).entries }
        #expect(entries.last == entry(99) && !entries.contains(entry(0)))
        // What is left is the end without a hole.
        #expect(entries == (100 - entries.count..<100).map { entry($0) })
    }

    @Test("an entry that is larger than a frame has one of its own")
    func large() throws {
        let large = entry(2, size: RecordingFormat.frameSize + 1)
        try write([[entry(1), large, entry(3)]])
        let path = try #require(try files().first)
        #expect(try read(path).entries == [entry(1), large, entry(3)])
    }

    @Test("a directory that cannot be one is refused at once, with what to do")
    func unwritable() throws {
        try PrivateFile(creating: "\(scratch.path)/file").write([1])
        #expect(throws: StoreFailure.self) { try RecordingWriter(in: "\(scratch.path)/file", key: key) }
        #expect(throws: StoreFailure.self) { try RecordingFormat.files(in: "\(scratch.path)/nowhere") }
    }

    @Test("the key of recordings is one of its own, and reading makes none")
    func keys() throws {
        let state = "\(scratch.path)/state"
        #expect(throws: StoreFailure.self) {
            try StateDirectory.recordingKey(in: "\(state)/\(StateDirectory.recordingKeyName)")
        }
        let directory = try StateDirectory(opening: state)
        let sealed = try directory.recordingKey().seal([1], associated: [])
        #expect(throws: CryptoFailure.self) { try directory.sealingKey().open(sealed, associated: []) }
        let again = try StateDirectory.recordingKey(in: directory.file(StateDirectory.recordingKeyName))
        #expect(try again.open(sealed, associated: []) == [1])
    }
}
