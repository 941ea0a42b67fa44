import Synchronization

/// Names to addresses for the whole process: what is known, and who waits for what is being asked.
///
/// `/etc/hosts` and `/etc/resolv.conf` count, the latter also when it changes while the gate runs.
package final class Resolver: Sendable {
    /// Names asked for at once; an agent that makes names up must not fill the memory with them.
    package static let mostQuestions = 2048
    /// Names remembered.
    package static let capacity = 8192
    /// An answer is used again for as long as its records say, within these bounds: a name that is to be asked for each
    /// time would be asked for by each call.
    package static let life: ClosedRange<Int64> = 1_000...3_600_000
    /// How long it is remembered that there was no answer.
    package static let negativeLife: Int64 = 2_000
    /// How long an answer of one family alone is used while the other is still being asked for.
    package static let partialLife: Int64 = 1_000

    private struct Known {
        let result: Result<[IPAddress], ResolutionFailure>
        let until: Int64
    }

    private struct State {
        var known: [String: Known] = [:]
        /// Names being asked for, each with those who wait.
        var asked: [String: [Waiter]] = [:]
    }

    /// One task that waits, until the answer or its deadline, whichever comes first.
    private final class Waiter: Sendable {
        private let continuation: Mutex<UnsafeContinuation<Result<[IPAddress], ResolutionFailure>, Never>?>

        init(_ continuation: UnsafeContinuation<Result<[IPAddress], ResolutionFailure>, Never>) {
            self.continuation = Mutex(continuation)
        }

        func resume(_ result: Result<[IPAddress], ResolutionFailure>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(returning: result)
        }
    }

    private let state = Mutex(State())
    private let service: NameService
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - configuration: a `resolv.conf(5)`.
    ///   - port: of the name servers in it.
    ///   - clock: monotonic milliseconds, for how long answers live.
    package init(
        configuration: String = "/etc/resolv.conf", port: UInt16 = 53,
        clock: @escaping @Sendable () -> Int64 = SystemClock.monotonic
    ) throws(IOError) {
        service = try NameService(file: configuration, port: port)
        self.clock = clock
    }

    deinit { service.stop() }

    /// Addresses of a name in the order in which they are to be tried; to be called on `loop`.
    package func addresses(
        of name: String, on loop: EventLoop, by deadline: Int64
    ) async throws(ResolutionFailure) -> [IPAddress] {
        if let known = known(name) { return try known.get() }
        var timer: LoopTimer?
        defer { timer?.cancel() }
        let result = await withUnsafeContinuation { continuation in
            let waiter = Waiter(continuation)
            timer = loop.timer(at: deadline) { waiter.resume(.failure(.timedOut)) }
            enqueue(waiter, for: name)
        }
        return try result.get()
    }

    private func known(_ name: String) -> Result<[IPAddress], ResolutionFailure>? {
        let now = clock()
        return state.withLock { state in
            guard let known = state.known[name], known.until > now else { return nil }
            return known.result
        }
    }

    private func enqueue(_ waiter: Waiter, for name: String) {
        enum Place { case first, behind, none }
        let place = state.withLock { state -> Place in
            guard state.asked[name] == nil else {
                state.asked[name]?.append(waiter)
                return .behind
            }
            guard state.asked.count < Resolver.mostQuestions else { return .none }
            state.asked[name] = [waiter]
            return .first
        }
        switch place {
        case .behind: return
        case .none: waiter.resume(.failure(.busy))
        case .first: service.ask(name) { [weak self] in self?.receive($0, for: name) }
        }
    }

    private func receive(_ answer: NameLookup.Answer, for name: String) {
        let now = clock()
        let life: Int64 =
            if let seconds = answer.life {
                answer.isWhole
                    ? min(max(seconds.clampedMilliseconds, Resolver.life.lowerBound), Resolver.life.upperBound)
                    : Resolver.partialLife
            } else {
                Resolver.negativeLife
            }
        let waiters = state.withLock { state in
            Resolver.makeRoom(in: &state.known, at: now)
            state.known[name] = Known(result: answer.result, until: now + life)
            return state.asked.removeValue(forKey: name) ?? []
        }
        for waiter in waiters { waiter.resume(answer.result) }
    }

    /// Forgets what is over, and where that is too little, anything: it can be asked for again.
    private static func makeRoom(in known: inout [String: Known], at now: Int64) {
        guard known.count >= capacity else { return }
        known = known.filter { $0.value.until > now }
        while known.count > capacity * 3 / 4 { known.remove(at: known.startIndex) }
    }
}

extension Int64 {
    /// Of seconds that a stranger chose.
    fileprivate var clampedMilliseconds: Int64 { self > 1 << 32 ? .max : self * 1000 }
}
