import Glibc
import Synchronization
import Testing

@testable import System

final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

/// Runs `body` on a loop of its own until it returns.
func onLoop<T: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> T) throws -> T {
    let loop = try EventLoop()
    let outcome = Mutex<Result<T, any Error>?>(nil)
    loop.spawn {
        let result: Result<T, any Error>
        do { result = .success(try await body(loop)) } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
    }
    loop.run { outcome.withLock { $0 != nil } }
    return try #require(outcome.withLock { $0 }).get()
}

@Suite struct EventLoopTests {
    @Test("timers fire in order of their deadlines") func timers() throws {
        let order = try onLoop { loop in
            let fired = Mutex<[Int]>([])
            for (index, delay) in [30, 10, 20].enumerated() {
                loop.timer(at: loop.now + Int64(delay)) { fired.withLock { $0.append(index) } }
            }
            await loop.sleep(milliseconds: 40)
            return fired.withLock { $0 }
        }
        #expect(order == [1, 2, 0])
    }

    @Test("a cancelled timer does not fire") func cancelled() throws {
        let fired = try onLoop { loop in
            let fired = Mutex(false)
            loop.timer(at: loop.now + 1) { fired.withLock { $0 = true } }.cancel()
            await loop.sleep(milliseconds: 5)
            return fired.withLock { $0 }
        }
        #expect(!fired)
    }

    @Test("tasks from the thread that ran the loop before all run, while another thread takes the loop over")
    func takenOver() throws {
        let loop = try EventLoop()
        loop.run { true }
        let (ran, isOver) = (Counter(), Counter())
        try WorkerThread.spawn("second") {
            loop.run { ran.value == 1000 }
            isOver.add()
        }
        for _ in 0..<1000 { loop.spawn { ran.add() } }
        let deadline = SystemClock.monotonic() + 60_000
        while isOver.value == 0, SystemClock.monotonic() < deadline { usleep(1000) }
        #expect(ran.value == 1000)
        #expect(isOver.value == 1)
    }

    @Test("a timer may set the next one") func chained() throws {
        let fired = try onLoop { loop in
            let fired = Counter()
            loop.timer(at: loop.now + 1) {
                loop.timer(at: loop.now + 1) { fired.add() }
                fired.add()
            }
            // On a busy machine both moments may be over in one turn.
            for _ in 0..<1000 where fired.value < 2 { await loop.sleep(milliseconds: 10) }
            return fired.value
        }
        #expect(fired == 2)
    }

    @Test("what another thread resumes comes back on the loop's own thread") func confinement() throws {
        let same = try onLoop { loop in
            let before = pthread_self()
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                try? WorkerThread.spawn("other") { continuation.resume() }
            }
            return pthread_equal(before, pthread_self()) != 0
        }
        #expect(same)
    }

    @Test("bytes cross a connection whole, and its end is seen") func transfer() throws {
        let payload = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = try onLoop { loop in try await Self.transfer(payload, on: loop) }
        #expect(received == payload.count)
    }

    @Test("a loop's listener hands connections over until the loop drains") func accepting() throws {
        let accepted = try onLoop { loop in
            let listener = try Listener(.ip(.v4(0x7F00_0001), port: 0))
            let address = listener.address
            let accepted = Counter()
            loop.timer(at: loop.now + 200) { loop.drain() }
            for _ in 0..<3 {
                loop.spawn { _ = try? await Socket.connect(to: address, on: loop, by: loop.now + 1000) }
            }
            try await listener.accept(on: loop) { fd, _ in
                close(fd)
                accepted.add()
            }
            return accepted.value
        }
        #expect(accepted == 3)
    }

    static func transfer(_ payload: [UInt8], on loop: EventLoop) async throws -> Int {
        var pair: [CInt] = [0, 0]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
        let (left, right) = (pair[0], pair[1])
        loop.spawn {
            guard let socket = try? Socket(owning: left, on: loop) else { return }
            await Self.send(payload, over: socket)
        }
        let socket = try Socket(owning: right, on: loop)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        var count = 0
        while true {
            let got = try await socket.read(into: buffer, by: loop.now + 10_000)
            if got == 0 { return count }
            count += got
        }
    }

    static func send(_ payload: [UInt8], over socket: Socket) async {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 16)
        defer { copy.deallocate() }
        copy.copyBytes(from: payload)
        try? await socket.write(UnsafeRawBufferPointer(copy), by: .max)
    }

    @Test("draining ends the waits between two requests and no others") func drain() throws {
        let outcome = try onLoop { loop -> IOError? in
            var pair: [CInt] = [0, 0]
            let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
            try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
            let socket = try Socket(owning: pair[0], on: loop)
            let other = try Socket(owning: pair[1], on: loop)
            defer { withExtendedLifetime(other) {} }
            socket.readiness.pointee = 0
            loop.timer(at: loop.now + 5) { loop.drain() }
            do throws(IOError) {
                try await socket.idle(by: .max)
                return nil
            } catch {
                return error
            }
        }
        #expect(outcome == .interrupted)
    }
}

@Suite struct IPAddressTests {
    @Test(
        "only canonical spellings are addresses",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("2001:DB8::1", "2001:db8::1"),
            ("0x7f.1", nil), ("127.1", nil), ("010.0.0.1", nil), ("1.2.3.4 ", nil), ("", nil),
        ] as [(String, String?)])
    func parsing(text: String, canonical: String?) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(
        "what is not public is restricted, by name",
        arguments: [
            ("127.0.0.1", "loopback"), ("10.1.2.3", "private"), ("169.254.169.254", "a cloud's metadata service"),
            ("169.254.1.1", "link-local"), ("::1", "loopback"), ("fe80::1", "link-local"), ("8.8.8.8", nil),
            ("2606:4700::1111", nil), ("::ffff:127.0.0.1", "loopback"),
        ] as [(String, String?)])
    func restriction(text: String, reason: String?) throws {
        #expect(try #require(IPAddress(text)).restriction == reason)
    }

    @Test(
        "a range contains what shares its bits",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "9.9.9.9", true),
            ("fd00::/8", "fd12::1", true), ("::1", "::1", true), ("::1", "::2", false),
            ("127.0.0.1", "127.0.0.1", true),
        ])
    func ranges(range: String, address: String, inside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(IPAddress(address))) == inside)
    }

    @Test("a range that is none is refused", arguments: ["10.0.0.0/33", "x/8", "10.0.0.0/", "", "1.2.3.4/8/8"])
    func badRanges(text: String) { #expect(AddressRange(text) == nil) }
}
