import JSON
import Testing

@testable import CEL

@Suite("Time zones")
struct TimeZoneTests {
    /// A file with one transition and the rule that holds after it.
    static let berlin = file(transitions: [(0, 3_600)], rule: "CET-1CEST,M3.5.0,M10.5.0/3")

    static func file(transitions: [(Int64, Int32)], rule: String, first: Int32 = 0) -> [UInt8] {
        func big<Integer: FixedWidthInteger>(_ number: Integer) -> [UInt8] {
            (0..<Integer.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> Integer($0 * 8)) }
        }
        func header(_ times: Int, _ types: Int) -> [UInt8] {
            Array("TZif2".utf8) + Array(repeating: 0, count: 15)
                + [0, 0, 0, times, types, 1].flatMap { big(UInt32($0)) }
        }
        let offsets = [first] + transitions.map(\.1)
        return header(0, 1) + big(Int32(0)) + [0, 0, 0] + header(transitions.count, offsets.count)
            + transitions.flatMap { big($0.0) } + transitions.indices.map { UInt8($0 + 1) }
            + offsets.flatMap { big($0) + [0, 0] } + [0] + Array("\n\(rule)\n".utf8)
    }

    private func zone(_ name: String, _ file: [UInt8]? = nil) -> CEL.TimeZone? {
        CEL.TimeZone(named: ByteString(Text(name)), files: { _ in file })
    }

    @Test("offsets, and what is none", arguments: [("+02:30", 9_000), ("-00:01", -60), ("02:00", 7_200), ("UTC", 0)])
    func offsets(name: String, offset: Int32) throws {
        #expect(try #require(zone(name)).offset(at: 0) == offset)
        for wrong in ["+2:00", "+24:00", "+02:60", "../etc/passwd", "/etc/passwd", "+02:0a"] {
            #expect(zone(wrong) == nil)
        }
    }

    @Test("after the last transition the rule holds, north and south of the equator")
    func rules() throws {
        let berlin = try #require(zone("Europe/Berlin", Self.berlin))
        #expect(berlin.offset(at: -1) == 0)
        // 2026-03-29 and 2026-10-25, 01:00 UTC.
        #expect(berlin.offset(at: 1_774_745_999) == 3_600 && berlin.offset(at: 1_774_746_000) == 7_200)
        #expect(berlin.offset(at: 1_792_889_999) == 7_200 && berlin.offset(at: 1_792_890_000) == 3_600)
        let south = Self.file(transitions: [], rule: "AEST-10AEDT,M10.1.0,M4.1.0/3", first: 36_000)
        let sydney = try #require(zone("Australia/Sydney", south))
        #expect(sydney.offset(at: 1_767_225_600) == 39_600 && sydney.offset(at: 1_782_864_000) == 36_000)
        let fixed = try #require(zone("X", Self.file(transitions: [], rule: "<+0545>-5:45")))
        #expect(fixed.offset(at: 0) == 20_700)
    }

    @Test("bytes that are no file of a zone are none, wherever they end")
    func malformed() {
        let whole = Self.berlin
        for count in 0..<whole.count - 30 { #expect(CEL.TimeZone(file: Array(whole.prefix(count))) == nil) }
        var wrong = whole
        wrong[whole.count - 5] = 0x7E
        #expect(CEL.TimeZone(file: wrong) == nil)
        #expect(CEL.TimeZone(file: whole) != nil)
    }
}
