import Audit
import Calls
import Crypto
import Glibc
import JSON
import System

extension FuzzTarget {
    static let journal = FuzzTarget(
        name: "journal",
        summary: "journal files: what verifies is opened, and verifies after it went on",
        seeds: [
            "R{\"seq\":1,\"time\":\"x\",\"kind\":\"gate.start\"}\n", "Chello\nworld\n",
            "C\"kind\":\"gate.start\",\"v\":1\n",
            "C\"kind\":\"call.open\",\"call\":\"c_1\",\"disposition\":\"pass\"\n"
                + "\"kind\":\"hold.created\",\"call\":\"c_1\",\"hold\":\"h_0123456789ab\"\n"
                + "\"kind\":\"call.send\",\"hold\":\"h_0123456789ab\"\n\"kind\":\"call.close\",\"call\":\"c_1\"\n",
            "C\"kind\":\"call.open\",\"call\":\"c_1\"\n\"kind\":\"gate.start\",\"x\":0\n{torn",
        ].map(\.bytes),
        dictionary: [
            "{\"seq\":", "\"kind\":\"", "gate.start", "call.open", "call.close", "call.send", "hold.created",
            "hold.unsent",
            "\"call\":\"c_1\"", "\"hold\":\"h_0123456789ab\"", "\"disposition\":\"pass\"", ",\"prev\":\"",
            "\",\"hash\":\"",
            "\"}\n", "0000000000000000", "999999999999999999",
        ],
        run: { bytes throws(Finding) in
            guard let mode = bytes.first, let place = ScratchDirectory() else { return }
            // `C`: each line becomes one of a chain that fits, so that what is behind the hashes is reached.
            let content = mode == 0x43 ? chained(bytes.dropFirst()) : (Array(bytes.dropFirst()), nil)
            let genesis = String(repeating: "0", count: 64)
            place.write("journal-000000000001.jsonl", content.0)
            place.write("head", (content.1 ?? "00000000000000000000:\(genesis)\n").bytes)
            let before = try? JournalVerifier.verify(place.path)
            guard let journal = try? Journal(directory: place.path, clock: { Timestamp(milliseconds: 0) }) else {
                return try require(before?.isIntact != true, "a journal that verifies is not opened")
            }
            _ = try? journal.closeLeftOpen()
            _ = try? journal.append(.gateStarted(version: "1", rulesDigest: "d", lost: 0, uncertain: 0))
            try? journal.flush()
            guard let after = try? JournalVerifier.verify(place.path) else {
                throw Finding("an open journal is unreadable")
            }
            if before?.isIntact == true { try requireSame(after.findings, [], "the gate broke its own journal") }
        })

    /// Lines with number, `prev` and `hash` put around them, and the note that belongs to the last whole one.
    private static func chained(_ bytes: ArraySlice<UInt8>) -> ([UInt8], String?) {
        var content: [UInt8] = []
        var prev = String(repeating: "0", count: 64)
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let torn = lines.popLast() ?? []
        for (index, line) in lines.enumerated() {
            let start = "{\"seq\":\(index + 1),".bytes + line + ",\"prev\":\"\(prev)\"".bytes
            prev = SHA256.digest(start + "}".bytes).description
            content += start + ",\"hash\":\"\(prev)\"}\n".bytes
        }
        let digits = String(lines.count)
        return (content + torn, "\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits):\(prev)\n")
    }
}

/// A directory in memory for one input, gone with this value.
private final class ScratchDirectory {
    let path: String

    init?() {
        guard let made = try? Files.makeTemporaryDirectory("tiergate-fuzz", in: "/dev/shm") else { return nil }
        path = made
    }

    deinit { Files.remove(path) }

    func write(_ name: String, _ bytes: [UInt8]) {
        guard let file = fopen("\(path)/\(name)", "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
