import Calls
import JSON
import Testing
import Wire

struct DecompressorTests {
    private static func hex(_ text: String) -> [UInt8] {
        var digits = text[...]
        var bytes: [UInt8] = []
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        return bytes
    }

    /// `{"amount":1}` in each coding.
    private static let samples: [(String, String)] = [
        ("gzip", "1f8b0800000000000203ab564acccd2fcd2b51b232ac050040b4ed210c000000"),
        ("x-gzip", "1f8b0800000000000203ab564acccd2fcd2b51b232ac050040b4ed210c000000"),
        ("deflate", "78daab564acccd2fcd2b51b232ac05001c7d043c"), ("br", "8b05807b22616d6f756e74223a317d03"),
        ("zstd", "28b52ffd200c6100007b22616d6f756e74223a317d"),
    ]

    /// 64 MiB of blanks.
    private static let bomb =
        "cfffff7ff82540e2b14020f7fe9ffffffff04b00c4610180eefd3fffffffe1970088c32200ddfbfffcffffc72f0110870500baf7ff"

    private func read(_ body: [UInt8], _ coding: String, limits: DecodingLimits = .default) -> String {
        do throws(WireError) {
            let content = try DocumentReader.read(
                body, contentType: bytes("application/json")[...], contentEncoding: bytes(coding)[...], limits: limits)
            guard case .json(let json) = content.document else { return "no document" }
            return text(json.root.spelling)
        } catch { return error.code }
    }

    @Test("each coding is unpacked for judging", arguments: samples)
    func unpacks(_ coding: String, _ packed: String) {
        #expect(read(Self.hex(packed), coding) == "{\"amount\":1}")
    }

    @Test("what goes on is the body as it came")
    func forwarding() throws {
        let packed = Self.hex(Self.samples[0].1)
        let call = try WireTests.read(
            "POST", "https://a.test/", [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], packed)
        guard case .bytes(packed) = call.body, case .json = call.document else {
            Issue.record("another body")
            return
        }
        #expect(call.fields.text("content-encoding") == "gzip")
    }

    @Test("a body that is cut short, damaged, of another coding or followed by anything is refused", arguments: samples)
    func refused(_ coding: String, _ packed: String) {
        let packed = Self.hex(packed)
        for count in 1..<packed.count {
            #expect(read(Array(packed.prefix(count)), coding) != "{\"amount\":1}", "\(count)")
        }
        #expect(read(packed + [0], coding) == "malformed_coding")
        // A second member or frame, which some readers join to the first and others leave out.
        #expect(read(packed + packed, coding) == "malformed_coding")
        #expect(read(bytes("{\"amount\":1}"), coding) == "malformed_coding")
        #expect(read(Self.hex("ab564acccd2fcd2b51b232ac0500"), coding) == "malformed_coding")
        for (other, sample) in Self.samples where !other.hasSuffix(coding) && !coding.hasSuffix(other) {
            #expect(read(Self.hex(sample), coding) == "malformed_coding", "\(other) as \(coding)")
        }
        var damaged = packed
        damaged[packed.count / 2] ^= 0x55
        #expect(read(damaged, coding) != "{\"amount\":1}")
    }

    @Test("what unpacks to too much is refused, and just enough is read")
    func bombs() {
        #expect(read(Self.hex(Self.bomb), "br") == "content_expands")
        let packed = Self.hex(Self.samples[0].1)
        func limits(_ bytes: Int, _ expansion: Int, floor: Int) -> DecodingLimits {
            DecodingLimits(decodedBytes: bytes, expansion: expansion, decodedFloor: floor)
        }
        #expect(read(packed, "gzip", limits: limits(12, 1, floor: 12)) == "{\"amount\":1}")
        #expect(read(packed, "gzip", limits: limits(11, 1, floor: 12)) == "content_expands")
        #expect(read(packed, "gzip", limits: limits(100, 0, floor: 12)) == "{\"amount\":1}")
        #expect(read(packed, "gzip", limits: limits(100, 0, floor: 11)) == "content_expands")
        #expect(read(packed, "gzip", limits: limits(100, 1, floor: 0)) == "{\"amount\":1}")
    }

    @Test("a frame that asks for more memory than servers need give is refused")
    func window() {
        let frame = Self.hex("28b52ffd00786000007b22616d6f756e74223a317d010000")
        #expect(read(frame, "zstd") == "malformed_coding")
        #expect(read(frame, "zstd", limits: DecodingLimits(windowBits: 25)) == "{\"amount\":1}")
    }

    @Test("a form and a batch are found inside a packed body, and an empty one is none")
    func inside() {
        #expect(read([], "gzip") == "no document")
        let empty = Self.hex("1f8b080000000000020303000000000000000000")
        #expect(read(empty, "gzip") == "no document")
    }
}
