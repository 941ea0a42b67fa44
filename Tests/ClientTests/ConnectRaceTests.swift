import System
import Testing

@testable import Client

@Suite struct ConnectRaceTests {
    @Test("an address that says nothing is overtaken by the next") func blackHole() throws {
        let hole = try BlackHole()
        let open = try listening()
        let (winner, losers, took) = try onLoop { [silent = hole.address, address = open.address] loop in
            let race = ConnectRace([silent, address], on: loop)
            let start = loop.now
            let won = try await race.next(by: loop.now + 10_000)
            return (won.address, race.losers, loop.now - start)
        }
        #expect(winner == open.address)
        #expect(losers == [hole.address])
        // Far from the ten seconds that the first was given.
        #expect(took < 5_000)
    }

    @Test("an address that refuses makes way at once") func refused() throws {
        let gone = try listening().address
        let open = try listening()
        let (winner, losers) = try onLoop { [address = open.address] loop in
            let race = ConnectRace([gone, gone, gone, address], on: loop)
            return (try await race.next(by: loop.now + 10_000).address, race.losers)
        }
        #expect(winner == open.address)
        #expect(losers == [gone, gone, gone])
    }

    @Test("the first that takes the connection wins, and no other is tried") func first() throws {
        let one = try listening()
        let two = try listening()
        let (winner, isOver) = try onLoop { [a = one.address, b = two.address] loop in
            let race = ConnectRace([a, b], on: loop)
            return (try await race.next(by: loop.now + 10_000).address, race.isOver)
        }
        #expect(winner == one.address)
        #expect(!isOver)
    }

    @Test("asked again, it goes on with the rest") func again() throws {
        let one = try listening()
        let two = try listening()
        let winners = try onLoop { [a = one.address, b = two.address] loop in
            let race = ConnectRace([a, b], on: loop)
            return [
                try await race.next(by: loop.now + 10_000).address, try await race.next(by: loop.now + 10_000).address,
            ]
        }
        #expect(winners == [one.address, two.address])
    }

    @Test("where all refuse, the reason of the last is told") func none() throws {
        let gone = try listening().address
        let error = #expect(throws: IOError.self) {
            try onLoop { loop in _ = try await ConnectRace([gone, gone], on: loop).next(by: loop.now + 10_000) }
        }
        #expect(error?.description.contains("refused") == true)
    }

    @Test("silence everywhere ends in time") func silence() throws {
        let hole = try BlackHole()
        #expect(throws: IOError.timedOut) {
            try onLoop { [address = hole.address] loop in
                _ = try await ConnectRace([address, address, address], on: loop).next(by: loop.now + 600)
            }
        }
    }

    @Test("the losers' connections are closed") func closed() throws {
        let hole = try BlackHole()
        let open = try listening()
        try onLoop { [silent = hole.address, address = open.address] loop in
            _ = try await ConnectRace([silent, address], on: loop).next(by: loop.now + 10_000)
            // Their tasks end, and hold them no longer.
            while loop.taskCount > 1 { await loop.sleep(milliseconds: 5) }
        }
    }
}

@Suite struct TroubledAddressesTests {
    private let addresses = (1...4).map { SocketAddress.ip(.v4(0x0101_0100 + $0), port: 443) }

    @Test("what failed a short while ago is tried last, in its order") func last() {
        var troubled = TroubledAddresses()
        #expect(troubled.last(addresses, at: 0) == addresses)
        troubled.note([addresses[0], addresses[2]], at: 0)
        let order = [1, 3, 0, 2].map { addresses[$0] }
        #expect(troubled.last(addresses, at: TroubledAddresses.memory - 1) == order)
        #expect(troubled.last(addresses, at: TroubledAddresses.memory) == addresses)
    }

    @Test("no more of them are remembered than may be") func bounded() {
        var troubled = TroubledAddresses()
        let many = (0..<UInt32(TroubledAddresses.capacity)).map { SocketAddress.ip(.v4($0 + 1), port: 1) }
        troubled.note(many, at: 0)
        troubled.note([addresses[0]], at: 0)
        #expect(troubled.last(Array(addresses[...1]), at: 1) == Array(addresses[...1]))
        // Those whose time is over make room.
        troubled.note([addresses[0]], at: TroubledAddresses.memory)
        #expect(
            troubled.last(Array(addresses[...1]), at: TroubledAddresses.memory) == [addresses[1], addresses[0]])
    }
}
