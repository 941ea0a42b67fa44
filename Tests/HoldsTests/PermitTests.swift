import Calls
import HoldsTesting
import Testing

@testable import Holds

@Suite struct PermitTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private func spend(after milliseconds: Int64, under rules: String) throws(PermitFailure) -> Call {
        let killSwitch = KillSwitch()
        let permit = Permit(
            .sample(), .sample(tier: .readOnly, disposition: .pass), hold: nil, from: start, epoch: killSwitch.epoch)
        return try permit.spend(
            at: start + Interval(milliseconds: milliseconds), under: rules, heeding: killSwitch)
    }

    @Test("a permit gives its call out for five seconds", arguments: [0, 1, 4_999] as [Int64])
    func fresh(age: Int64) throws {
        #expect(try spend(after: age, under: "r1").id == Call.sample().id)
    }

    @Test("and never later", arguments: [5_000, 5_001, 86_400_000] as [Int64])
    func expired(age: Int64) {
        #expect(throws: PermitFailure.expired) { try spend(after: age, under: "r1") }
    }

    @Test("nor under other rules than those that judged")
    func rulesChanged() {
        #expect(throws: PermitFailure.rulesChanged) { try spend(after: 0, under: "r2") }
    }
}
