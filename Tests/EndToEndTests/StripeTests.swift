import Foundation
import Testing

/// The stripe package through the gate to a small server of Stripe's paths, under the shipped rules.
@Suite(.serialized, .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)))
struct StripeTests {
    private struct Shop {
        let upstream: Upstream
        let gate: TestGate

        init(wait: String = "30 s") async throws {
            let scratch = try Scratch()
            let certificates = try await Certificates(scratch)
            upstream = try await Upstream(
                scratch, try await certificates.leaf(["api.stripe.com"]), script: "stripe_api.py")
            gate = try await TestGate(
                scratch,
                TestGate.Settings(
                    rules: [Place.rules], roots: [certificates.root], resolve: ["api.stripe.com": upstream.port],
                    wait: wait))
        }

        func begin(_ words: String...) throws -> Running {
            try Running(Place.python, [Place.script("stripe_agent.py")] + words, environment: gate.proxy)
        }

        func said(_ running: Running) async throws -> Document {
            let ended = try await running.finish()
            guard ended.status == 0 else { throw Failed(description: ended.errors) }
            return try Document(ended.output)
        }

        var payouts: [Document] {
            get throws { try upstream.requests.filter { $0["path"].string == "/v1/payouts" } }
        }
    }

    @Test("a list passes; a payout over the threshold is tier 4, and is executed once with its idempotency key")
    func approved() async throws {
        let shop = try await Shop()
        let list = try await shop.said(shop.begin("customers"))
        #expect(list["emails"][0].string == "ann@example.com", "\(list["error"].string ?? "")")

        let payout = try shop.begin("payout", "250000", "payout-of-may")
        let hold = try await shop.gate.theHold(isAwaited: true)
        let shown = try #require(try await shop.gate.holds("pending").first)
        #expect(shown["tier"].integer == 4)
        #expect(shown["summaries"][0].string?.contains("2500.00 USD") == true, "\(shown["summaries"][0].string ?? "")")
        #expect(try shop.payouts.isEmpty)
        try await shop.gate.approve(hold)
        let made = try await shop.said(payout)
        #expect(made["payout"].string == "po_1" && made["amount"].integer == 250_000, "\(made["error"].string ?? "")")
        let sent = try shop.payouts
        #expect(sent.count == 1)
        #expect(sent.first?["fields"].field("idempotency-key") == "payout-of-may")
        try await shop.gate.end()
    }

    @Test("one under the threshold is held as tier 3 all the same")
    func small() async throws {
        let shop = try await Shop()
        let payout = try shop.begin("payout", "2500")
        let hold = try await shop.gate.theHold(isAwaited: true)
        #expect(try await shop.gate.holds("pending").first?["tier"].integer == 3)
        try await shop.gate.approve(hold)
        #expect(try await shop.said(payout)["payout"].string == "po_1")
        #expect(try shop.payouts.count == 1)
        try await shop.gate.end()
    }

    @Test("a rejected payout never arrives, and the exception says why")
    func rejected() async throws {
        let shop = try await Shop()
        let payout = try shop.begin("payout", "250000")
        try await shop.gate.reject(try await shop.gate.theHold(isAwaited: true), because: "the account is frozen")
        let told = try await shop.said(payout)
        #expect(told["status"].integer == 403)
        #expect(told["error"].string?.contains("the account is frozen") == true, "\(told["error"].string ?? "")")
        #expect(try shop.payouts.isEmpty)
        try await shop.gate.end()
    }

    @Test("one that nobody decides in time says so; with a key of its own each, the attempts are still one hold")
    func undecided() async throws {
        let shop = try await Shop(wait: "300 ms")
        // The package draws a new key for each call: the approval goes with the one that the person saw.
        let told = try await shop.said(shop.begin("payout", "250000"))
        let hold = try await shop.gate.theHold()
        #expect(told["status"].integer == 503)
        #expect(told["error"].string?.contains("NOT EXECUTED") == true, "\(told["error"].string ?? "")")
        #expect(told["error"].string?.contains(hold) == true)
        #expect(try await shop.said(shop.begin("payout", "250000"))["status"].integer == 503)
        #expect(try await shop.gate.theHold() == hold)
        try await shop.gate.approve(hold)
        #expect(try await shop.said(shop.begin("payout", "250000"))["payout"].string == "po_1")
        #expect(try shop.payouts.count == 1)
        try await shop.gate.end()
    }

    @Test("a key that comes back with another amount is refused, and the held payout stays as it was")
    func keyReused() async throws {
        let shop = try await Shop(wait: "300 ms")
        #expect(try await shop.said(shop.begin("payout", "250000", "key-1"))["status"].integer == 503)
        let hold = try await shop.gate.theHold()
        let told = try await shop.said(shop.begin("payout", "990000", "key-1"))
        #expect(told["status"].integer == 422, "\(told["error"].string ?? "")")
        #expect(try await shop.gate.theHold() == hold)
        #expect(try shop.payouts.isEmpty)
        try await shop.gate.end()
    }
}
