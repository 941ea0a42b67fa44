import Calls
import HoldsTesting
import Synchronization
import Testing

@testable import Holds

extension Waiter.Turn {
    /// The word for comparing.
    var word: String {
        switch self {
        case .changed(let hold, let content): hold.state.name + (content == nil ? "" : " with answer")
        case .stopsChanged: "stops changed"
        case .timedOut: "timed out"
        case .gone: "gone"
        }
    }
}

@Suite struct WaiterTests {
    @Test("what comes first wakes, once")
    func first() async {
        let waiter = Waiter()
        #expect(waiter.wake(.timedOut))
        #expect(!waiter.wake(.gone))
        #expect(await waiter.turn().word == "timed out")
    }

    @Test("a task that asks before anything happened is woken by what happens")
    func parked() async {
        let waiter = Waiter()
        async let turn = waiter.turn()
        await Task.yield()
        waiter.wake(.gone)
        #expect(await turn.word == "gone")
    }

    @Test("of many that wake it at once one succeeds")
    func race() async {
        let waiter = Waiter()
        let winners = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for index in 0..<64 { group.addTask { waiter.wake(index.isMultiple(of: 2) ? .gone : .timedOut) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }
}

@Suite struct WaitingRoomTests {
    private let room = WaitingRoom()

    private func hold(_ state: HoldState) -> Hold {
        HoldFixture.hold.with(state: state)
    }

    private func isWoken(_ waiter: Waiter) -> Bool { !waiter.wake(.gone) }

    @Test("an approval is for the first that is still there")
    func approval() throws {
        let waiters = try (0..<3).map { _ in try #require(room.enter(HoldFixture.hold.id, limit: 9)) }
        waiters[0].wake(.gone)
        room.tell(hold(.approved(HoldStateTests.decision)))
        #expect(isWoken(waiters[1]))
        #expect(!isWoken(waiters[2]))
    }

    @Test(
        "an end is for all, with the answer", arguments: ["rejected", "expired", "killed", "done, kept", "uncertain"])
    func end(name: String) async throws {
        let state = try #require(HoldStateTests.states[name])
        let waiters = try (0..<3).map { _ in try #require(room.enter(HoldFixture.hold.id, limit: 9)) }
        room.tell(hold(state), Content(bytes: [1]))
        for waiter in waiters { #expect(await waiter.turn().word == "\(state.name) with answer") }
    }

    @Test("what changes nothing for those who wait wakes nobody", arguments: ["pending", "sending", "stale"])
    func nothing(name: String) throws {
        let waiter = try #require(room.enter(HoldFixture.hold.id, limit: 9))
        room.tell(hold(try #require(HoldStateTests.states[name])))
        #expect(!isWoken(waiter))
    }

    @Test("others' holds wake nobody")
    func others() throws {
        let other = HoldID(random: 77)
        let waiter = try #require(room.enter(other, limit: 9))
        room.tell(hold(.expired))
        #expect(!isWoken(waiter))
    }

    @Test("when something is stopped or resumed all look again, those of a freeze too")
    func stops() throws {
        let held = try #require(room.enter(HoldFixture.hold.id, limit: 2))
        let frozen = try #require(room.enterFrozen(limit: 2))
        #expect(room.enterFrozen(limit: 2) == nil)
        room.stopsChanged()
        #expect(isWoken(held))
        #expect(isWoken(frozen))
        room.leaveFrozen(frozen)
        room.leaveFrozen(frozen)
        #expect(room.count == 1)
    }

    @Test("places are limited, and free again when somebody leaves")
    func places() throws {
        let id = HoldFixture.hold.id
        let first = try #require(room.enter(id, limit: 2))
        let second = try #require(room.enter(id, limit: 2))
        #expect(room.enter(id, limit: 2) == nil)
        room.leave(id, first)
        room.leave(id, first)
        #expect(room.count == 1)
        #expect(room.enter(id, limit: 2) != nil)
        room.leave(id, second)
        #expect(!room.isEmpty(id))
    }
}

enum HoldFixture {
    static let hold: Hold = {
        let digest = GateBench.hash([1])
        return Hold(
            id: HoldID(random: 1), session: SessionID("s"), call: CallID("c_1"), digest: digest, repeatKey: digest,
            idempotency: nil, created: Timestamp(milliseconds: 0), facts: Hold.Facts(.sample(), .sample(), Terms()),
            expires: Timestamp(milliseconds: 1000))
    }()
}
