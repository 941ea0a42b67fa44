import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

/// What a call is about to change: kept, compared, and sent back to a person where it differs.
@Suite struct SightingTests {
    private static let observation = Verdict.Observation(
        path: "/v1/charges/ch_1", fields: ["amount", "status", "a[0].b"])

    private static func sighting(_ body: String, tag: String? = nil) throws -> Sighting {
        Sighting(observation, try JSONDocument.parse(Array(body.utf8)), entityTag: tag)
    }

    @Test("the named fields are kept and nothing else; without names, the members of the answer")
    func fields() throws {
        let body = #"{"amount": 1.50, "status":"paid", "a":[{"b":{"c": [1, 2]}}], "secret":"x"}"#
        let named = try Self.sighting(body, tag: "\"7\"")
        #expect(named.fields.map(\.name) == ["amount", "status", "a[0].b"])
        #expect(named.fields.map(\.value) == ["1.50", "\"paid\"", #"{"c":[1,2]}"#])
        let all = Sighting(
            .init(path: "/x", fields: []), try JSONDocument.parse(Array(body.utf8)), entityTag: nil)
        #expect(all.fields.map(\.name) == ["amount", "status", "a", "secret"])
        let kept = [named, Sighting(path: "/y", failure: "no answer"), all]
        #expect(Sighting.decode(Sighting.encode(kept)) == kept)
        #expect(Sighting.decode(Content(bytes: Array("{}".utf8))) == nil)
    }

    @Test(
        "a field that differs, is gone, or cannot be read any more is a difference, and says what was and is",
        arguments: [
            (#"{"amount":1,"status":"open"}"#, #"{"amount":1,"status":"open"}"#, nil),
            (#"{"amount":1,"other":1}"#, #"{"amount":1,"other":2}"#, nil),
            (#"{"amount":1}"#, #"{"amount":2}"#, "amount of /v1/charges/ch_1 was 1 and is 2 now"),
            (#"{"status":"open"}"#, #"{}"#, #"status of /v1/charges/ch_1 was "open" and is not there now"#),
            (#"{"amount":1}"#, nil, "could be read when the call was held"), (nil, #"{"amount":1}"#, nil),
            (nil, nil, nil),
        ])
    func differences(before: String?, now: String?, difference: String?) throws {
        func sighting(_ body: String?) throws -> Sighting {
            try body.map { try Self.sighting($0) } ?? Sighting(path: Self.observation.path, failure: "no answer")
        }
        let found = Sighting.difference(seen: [try sighting(before)], now: [try sighting(now)])
        #expect((found == nil) == (difference == nil), "\(found ?? "")")
        if let difference { #expect(found?.contains(difference) == true, "\(found ?? "")") }
    }

    @Test("what was never looked at is a difference, and a secret is told by its length")
    func unseen() throws {
        let now = try Self.sighting(#"{"amount":1}"#)
        #expect(Sighting.difference(seen: [], now: [now])?.contains("had not been looked at") == true)
        let observation = Verdict.Observation(path: "/k", fields: ["api_key_secret"])
        let pair = try ["aaa", "bbbb"].map {
            Sighting(observation, try JSONDocument.parse(Array(#"{"api_key_secret":"\#($0)"}"#.utf8)), entityTag: nil)
        }
        let told = Sighting.difference(seen: [pair[0]], now: [pair[1]])
        #expect(told?.contains("redacted") == true && told?.contains("bbbb") == false, "\(told ?? "")")
    }

    @Test("what was seen is kept beside the hold; a difference sends it back, with what is there now, and voids votes")
    func stale() async throws {
        let bench = GateBench()
        let terms = Terms(observations: [Self.observation])
        let held = try await bench.hold(.sample(), .sample(terms: terms))
        #expect(try await bench.gate.seen(of: held.hold) == nil)
        let before = try Self.sighting(#"{"amount":1}"#)
        try await bench.gate.note([before], of: held.hold.id)
        var hold = try await bench.gate.hold(held.hold.id)
        #expect(try await bench.gate.seen(of: hold) == [before])
        hold = try await bench.gate.approve(hold.id, digest: hold.digest, decision: bench.decision())
        let now = try Self.sighting(#"{"amount":2}"#)
        try await bench.gate.turnBack(hold, "amount differs", seeing: [now])
        hold = try await bench.gate.hold(hold.id)
        #expect(hold.state == .stale(cause: "amount differs") && hold.deliberation.votes.isEmpty)
        #expect(try await bench.gate.seen(of: hold) == [now])
    }

    @Test("the tag of what was looked at goes upstream as If-Match, unless the agent sent a condition of its own")
    func condition() async throws {
        for (fields, sent) in [([:], "\"7\""), (["If-Match": "\"1\""], "\"1\"")] as [(Fields, String)] {
            let bench = GateBench()
            let held = try await bench.hold(.sample(fields: fields), .sample())
            let hold = try await bench.gate.approve(
                held.hold.id, digest: held.hold.digest, decision: bench.decision())
            guard let permit = try await bench.gate.begin(held.now(hold, entityTag: "\"7\"")) else {
                Issue.record("it did not go")
                return
            }
            #expect(try bench.spend(permit).fields.text("if-match")?.string == sent)
        }
    }
}
