import Calls
import Testing

@testable import Operators

@Suite struct NoncesTests {
    let hold = HoldID(random: 1)
    let start = Timestamp(milliseconds: 1_000_000)

    @Test("a nonce counts once, for its hold and its account")
    func once() throws {
        let nonces = Nonces(OperatorLimits())
        let nonce = nonces.draw(for: hold, by: 1001, at: start)
        #expect(nonce.text.utf8.count == 32 && nonce != nonces.draw(for: hold, by: 1001, at: start))
        #expect(throws: Nonces.Failure.unknown) {
            _ = try nonces.take(nonce.text, for: HoldID(random: 2), by: 1001, at: start)
        }
        #expect(throws: Nonces.Failure.unknown) { _ = try nonces.take(nonce.text, for: hold, by: 1002, at: start) }
        #expect(try nonces.take(nonce.text, for: hold, by: 1001, at: start) == nonce)
        #expect(throws: Nonces.Failure.unknown) { _ = try nonces.take(nonce.text, for: hold, by: 1001, at: start) }
    }

    @Test("it lives as long as the limit says, and who is late is told so")
    func life() throws {
        let nonces = Nonces(OperatorLimits())
        let (late, timely) = (nonces.draw(for: hold, by: 1, at: start), nonces.draw(for: hold, by: 1, at: start))
        let end = start + .minutes(5)
        #expect(throws: Nonces.Failure.expired(at: end)) {
            _ = try nonces.take(late.text, for: hold, by: 1, at: end)
        }
        #expect(try nonces.take(timely.text, for: hold, by: 1, at: start + .minutes(4)) == timely)
    }

    @Test("of one account, and of all, the oldest makes room")
    func room() throws {
        var limits = OperatorLimits()
        limits.nonces = 4
        limits.noncesPerAccount = 2
        let nonces = Nonces(limits)
        let drawn = [1, 1, 1, 2, 3, 4].map { nonces.draw(for: hold, by: $0, at: start) }
        func counts(_ index: Int, _ account: UInt32) -> Bool {
            (try? nonces.take(drawn[index].text, for: hold, by: account, at: start)) != nil
        }
        #expect(!counts(0, 1) && !counts(1, 1))
        #expect(counts(2, 1) && counts(3, 2) && counts(4, 3) && counts(5, 4))
    }
}
