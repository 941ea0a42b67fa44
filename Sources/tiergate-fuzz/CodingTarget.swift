import Calls
import JSON
import Wire

extension FuzzTarget {
    static let coding = FuzzTarget(
        name: "coding",
        summary: "packed bodies: within the caps, the same whenever read, and refused with anything behind their end",
        seeds: [
            [0]
                + [
                    0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0xAB, 0x56, 0x4A, 0xCC, 0xCD, 0x2F, 0xCD, 0x2B, 0x51, 0xB2,
                    0x32, 0xAC,
                    5, 0, 0x40, 0xB4, 0xED, 0x21, 0x0C, 0, 0, 0,
                ],
            [1]
                + [
                    0x78, 0xDA, 0xAB, 0x56, 0x4A, 0xCC, 0xCD, 0x2F, 0xCD, 0x2B, 0x51, 0xB2, 0x32, 0xAC, 5, 0, 0x1C,
                    0x7D, 4, 0x3C,
                ],
            [2] + [0x8B, 5, 0x80] + "{\"amount\":1}".bytes + [3],
            [3] + [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x0C, 0x61, 0, 0] + "{\"amount\":1}".bytes,
        ],
        dictionary: ["\u{1F}", "\u{3}", "{\"amount\":1}", "\u{1}\u{0}\u{0}", "(", "/"],
        run: { bytes throws(Finding) in
            guard let first = bytes.first else { return }
            let coding = ["gzip", "deflate", "br", "zstd"][Int(first & 3)]
            let body = Array(bytes.dropFirst())
            let type = "text/plain"
            guard let read = call("https://a.test/", type, body, coding: coding), !body.isEmpty else { return }
            let again = call("https://a.test/", type, body, coding: coding)
            try requireSame(
                Transcript.of(read.document), again.map { Transcript.of($0.document) } ?? "", "two readings")
            if case .json(let json) = read.document {
                try require(json.bytes.count <= DecodingLimits.default.decodedBytes, "more than the cap")
            }
            let longer = call("https://a.test/", type, body + [0], coding: coding)
            try require(longer == nil, "a body with something behind its end is taken")
        })
}
