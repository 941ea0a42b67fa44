import Glibc
import Synchronization

/// Names to addresses, by the C library (so `/etc/hosts` and `/etc/resolv.conf` count), on threads of its own.
package final class Resolver: Sendable {
    /// Names asked for at once; the C library has no asynchronous form.
    package static let threads = 4
    /// Names that wait to be asked for; an agent that makes names up must not keep others' waiting for ever.
    package static let longestQueue = 256
    /// How long an answer is used again.
    package static let lifetime: Int64 = 30_000
    /// Names remembered.
    package static let capacity = 4096

    private struct Question: Sendable {
        let name: String
        let answer: @Sendable (Result<[IPAddress], IOError>) -> Void
    }

    private struct State {
        var waiting: [Question] = []
        var isClosed = false
        var known: [String: (addresses: [IPAddress], until: Int64)] = [:]
    }

    private let state = Mutex(State())
    private let work = Semaphore()

    package init() throws(IOError) {
        for _ in 0..<Resolver.threads {
            try WorkerThread.spawn("resolver") { [self] in
                while let question = next() { question.answer(Resolver.ask(question.name)) }
            }
        }
    }

    private func next() -> Question? {
        while true {
            work.wait()
            let question = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            if let question { return question }
            if state.withLock({ $0.isClosed }) { return nil }
        }
    }

    /// Addresses of a name, the C library's preferred one first.
    package func addresses(of name: String) async throws(IOError) -> [IPAddress] {
        let now = SystemClock.monotonic()
        let known = state.withLock { $0.known[name] }
        if let known, known.until > now { return known.addresses }
        let answer: Result<[IPAddress], IOError> = await withUnsafeContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.waiting.count < Resolver.longestQueue else { return false }
                state.waiting.append(Question(name: name) { continuation.resume(returning: $0) })
                return true
            }
            guard isTaken else { return continuation.resume(returning: .failure(.system("getaddrinfo", EBUSY))) }
            work.signal()
        }
        let addresses = try answer.get()
        state.withLock {
            if $0.known.count >= Resolver.capacity { $0.known.removeAll(keepingCapacity: true) }
            $0.known[name] = (addresses, now + Resolver.lifetime)
        }
        return addresses
    }

    private static func ask(_ name: String) -> Result<[IPAddress], IOError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let failed = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard failed == 0 else {
            return .failure(.system("getaddrinfo \(name)", failed == EAI_SYSTEM ? errno : ENOENT))
        }
        var addresses: [IPAddress] = []
        var entry = list
        while let info = entry {
            if let raw = info.pointee.ai_addr, info.pointee.ai_addrlen <= MemoryLayout<sockaddr_storage>.size {
                var storage = sockaddr_storage()
                withUnsafeMutableBytes(of: &storage) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: Int(info.pointee.ai_addrlen)))
                }
                if case .ip(let address, _)? = SocketAddress(storage), !addresses.contains(address) {
                    addresses.append(address)
                }
            }
            entry = info.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.system("getaddrinfo \(name)", ENOENT)) : .success(addresses)
    }
}

/// A counting semaphore for threads that wait for work.
package final class Semaphore: Sendable {
    nonisolated(unsafe) private let raw: UnsafeMutablePointer<sem_t>

    package init() {
        raw = .allocate(capacity: 1)
        sem_init(raw, 0, 0)
    }

    deinit {
        sem_destroy(raw)
        raw.deallocate()
    }

    package func signal() { sem_post(raw) }

    package func wait() {
        while sem_wait(raw) != 0, errno == EINTR {}
    }
}
