import Calls
import Crypto
import Foundation
import Proxy
import Stores
import Testing

/// What `serve --record` keeps of real calls, and what `rules replay` makes of it.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct RecordingTests {
    private let secrets = [
        "Secr3tTestKey0001", "Secr3tLiveKey0002", "Secr3tBasicKey0003", "Secr3tCookie0004", "Secr3tQuery0005",
        "Secr3tJson0006", "Secr3tForm0007", "Secr3tPart0008", "Secr3tText0009",
    ]

    @Test("calls are recorded without a secret, replayed as they were judged, and compared with changed rules")
    func recorded() async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let upstream = try await Upstream(
            scratch, try await certificates.leaf(["api.stripe.com", "api.test"]), script: "upstream.py")
        let recordings = scratch.file("recordings")
        let gate = try await TestGate(
            scratch,
            TestGate.Settings(
                rules: [Place.rules], roots: [certificates.root],
                resolve: ["api.stripe.com": upstream.port, "api.test": upstream.port], wait: "1 ms",
                flags: ["--record", recordings]))
        let refund = ["-d", "charge=ch_1", "-d", "amount=500", "https://api.stripe.com/v1/refunds"]
        func send(_ words: [String]) async throws -> Int { try await Curl(gate, words).answer().status }
        // The test key passes, the live key is held: so it must be when it is judged again.
        #expect(try await send(["-H", "Authorization: Bearer sk_test_\(secrets[0])"] + refund) != 503)
        #expect(try await send(["-H", "Authorization: Bearer sk_live_\(secrets[1])"] + refund) == 503)
        #expect(try await send(["-u", "sk_test_\(secrets[2]):"] + refund) != 503)
        _ = try await send(["-b", "sid=\(secrets[3])", "https://api.test/echo?api_key=\(secrets[4])&a=1"])
        let json = ["-H", "Content-Type: application/json", "-d"]
        _ = try await send(
            json + ["{\"password\":\"\(secrets[5])\",\"text\":\"password: \(secrets[8])\"}", "https://api.test/echo"])
        _ = try await send(["-d", "client_secret=\(secrets[6])", "https://api.test/echo"])
        _ = try await send(["-F", "token=\(secrets[7])", "-F", "a=b", "https://api.test/echo"])
        try await gate.end()

        let text = try unsealed(recordings, key: "\(gate.state)/recording.key")
        #expect(text.contains("/v1/refunds") && text.contains("sk_test_principal_") && text.contains("charge=ch_1"))
        let files = try FileManager.default.contentsOfDirectory(atPath: recordings)
        let raw = try files.map {
            String(decoding: try Data(contentsOf: URL(filePath: "\(recordings)/\($0)")), as: UTF8.self)
        }
        for secret in secrets {
            #expect(!text.contains(secret), "\(secret)")
            #expect(!text.contains(Data("sk_test_\(secret):".utf8).base64EncodedString()), "\(secret)")
            #expect(!raw.joined().contains(secret))
        }
        for file in files {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(recordings)/\(file)")[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }

        let same = try await replay(recordings, gate, [])
        #expect(same.status == 0, "\(same.document)")
        #expect(same.document["calls"].integer == 7 && same.document["strayed"].integer == 0)
        #expect(same.document["loosened"].integer == 0 && same.document["tightened"].integer == 0)
        #expect(same.document["not_recorded"].integer == 0 && same.document["unreadable"].integer == 0)

        // The exception for test keys goes: its two calls are held from then on.
        let changed = scratch.file("changed")
        try FileManager.default.copyItem(atPath: Place.rules, toPath: changed)
        let pack = "\(changed)/stripe/stripe.yaml"
        let stripe = try String(contentsOfFile: pack, encoding: .utf8)
        try stripe.replacing("(sk|rk)_test_", with: "(sk|rk)_never_").replacing("c2tfdGVzdF|", with: "c2tfbmV2ZX|")
            .write(toFile: pack, atomically: true, encoding: .utf8)
        let tightened = try await replay(recordings, gate, ["--diff", changed])
        #expect(tightened.status == 0 && tightened.document["loosened"].integer == 0)
        #expect((tightened.document["tightened"].integer ?? 0) >= 2, "\(tightened.document)")
        let loosened = try await replay(recordings, gate, ["--rules", changed, "--diff", Place.rules])
        #expect(loosened.status == 1 && (loosened.document["loosened"].integer ?? 0) >= 2)
    }

    @Test("a gate that was killed leaves a recording that is read up to where it came")
    func killed() async throws {
        let recordings = FileManager.default.temporaryDirectory.appending(path: "tiergate-test-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: recordings) }
        let world = try await World { $0.flags = ["--record", recordings] }
        #expect(try await world.gate.curl("https://api.test/echo").status == 200)
        try await waitUntil("the call is recorded") {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: recordings)) ?? []
            return files.contains { name in
                let attributes = try? FileManager.default.attributesOfItem(atPath: "\(recordings)/\(name)")
                return (attributes?[.size] as? Int ?? 0) > 120
            }
        }
        try await world.gate.die()
        let ended = try await run(
            Place.tiergate,
            [
                "rules", "replay", recordings, "--state", world.gate.state, "--rules", world.scratch.file("rules"),
                "--json",
            ])
        let document = try Document(ended.output)
        #expect(ended.status == 0 && document["calls"].integer == 1, "\(ended.output)")
    }

    private func replay(
        _ recordings: String, _ gate: TestGate, _ words: [String]
    ) async throws -> (status: Int32, document: Document) {
        let rules = words.contains("--rules") ? [] : ["--rules", Place.rules]
        let ended = try await run(
            Place.tiergate, ["rules", "replay", recordings, "--state", gate.state, "--json"] + rules + words)
        return (ended.status, try Document(ended.output))
    }

    private func unsealed(_ recordings: String, key: String) throws -> String {
        let key = try StateDirectory.recordingKey(in: key)
        var text = ""
        for (path, size) in try RecordingFormat.files(in: recordings) {
            let reader = try RecordingReader(path, size: size, key: key)
            while let frame = try reader.next() {
                for entry in frame { text += String(decoding: entry, as: UTF8.self) }
            }
            #expect(reader.findings.isEmpty)
        }
        return text
    }
}
