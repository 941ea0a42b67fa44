import CAres
import CSystem
import Glibc
import Synchronization

/// The thread that asks name servers: c-ares, its sockets, and nothing else.
///
/// One thread serves every question at once, so a name server that is slow for one name delays no other; a thread of its
/// own, because the library reads the hosts file for each question, and a file can make its reader wait.
final class NameService: @unchecked Sendable {
    /// One family that has answered waits so long for the other (RFC 8305 section 3).
    static let resolutionDelay: Int64 = 50
    /// How often `resolv.conf` is looked at, while there are questions.
    static let configurationAge: Int64 = 1_000

    private static let isLibraryReady = ares_library_init(ARES_LIB_INIT_ALL) == tg_ares_success

    /// Who wants to know, from any thread.
    typealias Receiver = @Sendable (NameLookup.Answer) -> Void

    private enum Message {
        case ask(String, Receiver)
        case stop
    }

    private let file: String
    private let port: UInt16
    private let epoll: FileDescriptor
    private let wakeup: FileDescriptor
    private let messages = Mutex<[Message]>([])

    // The thread's own.
    private var channel: ares_channel?
    private var stamp: ResolverConfiguration.Stamp?
    private var nextLook: Int64 = 0
    private var lookups: [ObjectIdentifier: NameLookup] = [:]
    private var isReplacing = false

    /// - Parameters:
    ///   - file: a `resolv.conf(5)`.
    ///   - port: of its name servers.
    init(file: String, port: UInt16) throws(IOError) {
        self.file = file
        self.port = port
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .system("epoll_create1", errno) }
        self.epoll = FileDescriptor(owning: epoll)
        let event = tg_eventfd()
        guard event >= 0 else { throw .system("eventfd", -event) }
        wakeup = FileDescriptor(owning: event)
        guard NameService.isLibraryReady else { throw .system("ares", ENOMEM) }
        watch(event, EPOLLIN.rawValue)
        try WorkerThread.spawn("resolver") { [self] in run() }
    }

    func ask(_ name: String, _ receiver: @escaping Receiver) { send(.ask(name, receiver)) }

    /// Ends the thread; nobody waits for an answer any more.
    func stop() { send(.stop) }

    private func send(_ message: Message) {
        messages.withLock { $0.append(message) }
        var one: UInt64 = 1
        _ = tg_write(wakeup.raw, &one, 8)
    }

    // MARK: The thread

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll.raw, &events, CInt(events.count), patience())
            for event in events.prefix(Int(max(0, count))) { take(event) }
            // Also what has timed out.
            if let channel { ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD) }
            for message in messages.withLock({ messages in
                defer { messages = [] }
                return messages
            }) {
                switch message {
                case .ask(let name, let receiver): start(NameLookup(name, receiver))
                case .stop:
                    replaceChannel(with: nil)
                    return
                }
            }
            settle()
        }
    }

    private func take(_ event: epoll_event) {
        let fd = CInt(truncatingIfNeeded: event.data.u64)
        guard fd != wakeup.raw else {
            var count: UInt64 = 0
            _ = read(fd, &count, 8)
            return
        }
        let failed = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        let isReadable = failed || event.events & EPOLLIN.rawValue != 0
        let isWritable = failed || event.events & EPOLLOUT.rawValue != 0
        guard let channel else { return }
        ares_process_fd(channel, isReadable ? fd : ARES_SOCKET_BAD, isWritable ? fd : ARES_SOCKET_BAD)
    }

    /// Milliseconds until there is something to do without an event; -1 for ever.
    private func patience() -> CInt {
        guard let channel, !lookups.isEmpty else { return -1 }
        var longest = timeval(tv_sec: 3600, tv_usec: 0)
        var next = timeval()
        _ = ares_timeout(channel, &longest, &next)
        let now = SystemClock.monotonic()
        let settles = lookups.values.compactMap(\.settlesAt).min() ?? .max
        let library = Int64(next.tv_sec) * 1000 + Int64(next.tv_usec) / 1000 + 1
        return CInt(clamping: max(0, min(library, settles == .max ? .max : settles - now)))
    }

    /// Hands over the answers that are due.
    private func settle() {
        let now = SystemClock.monotonic()
        for (key, lookup) in lookups {
            if lookup.isComplete { lookups[key] = nil }
            lookup.settle(at: now)
        }
    }

    // MARK: The library

    private func start(_ lookup: NameLookup) {
        readConfiguration()
        lookups[ObjectIdentifier(lookup)] = lookup
        ask(lookup)
    }

    private func ask(_ lookup: NameLookup) {
        guard let channel else { return lookup.fail(.refused("c-ares cannot be set up")) }
        for family in NameLookup.Family.allCases where lookup.needs(family) {
            // The server's order stays, which is how a site spreads its clients; and nothing is probed.
            var hints = ares_addrinfo_hints(
                ai_flags: ARES_AI_NOSORT, ai_family: family == .v4 ? AF_INET : AF_INET6,
                ai_socktype: CInt(SOCK_STREAM.rawValue), ai_protocol: 0)
            let half = Unmanaged.passRetained(Half(self, lookup, family))
            ares_getaddrinfo(
                channel, lookup.name, nil, &hints,
                { argument, status, _, result in
                    defer { if let result { ares_freeaddrinfo(result) } }
                    guard let argument else { return }
                    let half = Unmanaged<Half>.fromOpaque(argument).takeRetainedValue()
                    guard !half.service.isReplacing else { return }
                    half.lookup.receive(half.family, CInt(status), result, at: SystemClock.monotonic())
                }, half.toOpaque())
        }
    }

    /// What one callback of the library is about.
    private final class Half {
        let service: NameService
        let lookup: NameLookup
        let family: NameLookup.Family

        init(_ service: NameService, _ lookup: NameLookup, _ family: NameLookup.Family) {
            self.service = service
            self.lookup = lookup
            self.family = family
        }
    }

    /// Reads `resolv.conf` where it is another one than before, and asks again what was being asked.
    private func readConfiguration() {
        let now = SystemClock.monotonic()
        guard now >= nextLook || channel == nil else { return }
        nextLook = now + NameService.configurationAge
        let current = ResolverConfiguration.Stamp(file)
        guard current != stamp || channel == nil else { return }
        stamp = current
        replaceChannel(with: makeChannel(ResolverConfiguration(file: file)))
        for lookup in lookups.values { ask(lookup) }
    }

    private func makeChannel(_ configuration: ResolverConfiguration) -> ares_channel? {
        var options = ares_options()
        options.timeout = configuration.timeout
        options.tries = configuration.attempts
        options.udp_port = port
        options.tcp_port = port
        options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        options.sock_state_cb = { data, fd, isRead, isWrite in
            guard let data else { return }
            let service = Unmanaged<NameService>.fromOpaque(data).takeUnretainedValue()
            service.watch(fd, (isRead != 0 ? EPOLLIN.rawValue : 0) | (isWrite != 0 ? EPOLLOUT.rawValue : 0))
        }
        let mask =
            ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT | ARES_OPT_SOCK_STATE_CB
            | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF
        var made: ares_channel?
        // The hosts file first, then name servers, whatever nsswitch.conf says: the library knows nothing else.
        let status = "fb".withCString { lookups in
            file.withCString { path in
                options.lookups = UnsafeMutablePointer(mutating: lookups)
                options.resolvconf_path = UnsafeMutablePointer(mutating: path)
                return ares_init_options(&made, &options, mask)
            }
        }
        return status == tg_ares_success ? made : nil
    }

    private func replaceChannel(with other: ares_channel?) {
        // The library calls back for all that is unanswered; those questions are asked again.
        isReplacing = true
        if let channel { ares_destroy(channel) }
        isReplacing = false
        channel = other
    }

    /// Level-triggered: the library reads once and comes back.
    private func watch(_ fd: CInt, _ events: UInt32) {
        var interest = epoll_event(events: events, data: epoll_data_t(u64: UInt64(UInt32(bitPattern: fd))))
        if events == 0 {
            epoll_ctl(epoll.raw, EPOLL_CTL_DEL, fd, &interest)
        } else if epoll_ctl(epoll.raw, EPOLL_CTL_MOD, fd, &interest) != 0 {
            epoll_ctl(epoll.raw, EPOLL_CTL_ADD, fd, &interest)
        }
    }
}
