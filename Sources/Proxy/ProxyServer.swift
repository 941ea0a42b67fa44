import Calls
import Client
package import Crypto
package import Holds
import JSON
import Rules
package import Stores
import Synchronization
package import System

/// The gate as a running server: loops, listeners, and the end of both.
package final class ProxyServer: Sendable {
    /// What the command line puts together before there is a server.
    package struct Parts: Sendable {
        package var rules: RulesInForce
        package var store: any HoldStore
        package var journal: CallJournal
        package var spool: Spool
        package var authority: CertificateAuthority
        package var clientTLS: TLSClientContext
        /// Keyed hashes of opaque credentials are made with it.
        package var principalKey: [UInt8]
        package var agents: AgentAccess
        package var site: SiteKnowledge
        /// What stops everything by being there; nil looks for nothing.
        package var stopFiles: StopFiles?
        /// Records judged calls; nil records none.
        package var recorder: CallRecorder?

        package init(
            rules: RulesInForce, store: any HoldStore, journal: CallJournal, spool: Spool,
            authority: CertificateAuthority, clientTLS: TLSClientContext, principalKey: [UInt8], agents: AgentAccess,
            site: SiteKnowledge = SiteKnowledge(), stopFiles: StopFiles? = nil, recorder: CallRecorder? = nil
        ) {
            self.recorder = recorder
            self.rules = rules
            self.store = store
            self.journal = journal
            self.spool = spool
            self.authority = authority
            self.clientTLS = clientTLS
            self.principalKey = principalKey
            self.stopFiles = stopFiles
            self.agents = agents
            self.site = site
        }
    }

    package let gate: Gate
    /// Where agents connect to, with the port that the kernel chose where it was asked to.
    package let addresses: [SocketAddress]
    /// This side of all connections to upstreams.
    let own = OwnConnections()
    private let services: Services
    private let dispatchers: [Dispatcher]
    private let listeners: [[Listener]]
    private let journal: CallJournal
    private let stops: (files: StopFiles, watch: DirectoryWatch)?
    private let failure = Mutex<GateFailure?>(nil)
    /// What is intercepted once agents are served; nil from then on.
    private let waiting = Mutex<[Interception]?>([])
    /// The loop that the next set begins with.
    private let turn = Atomic<Int>(0)

    /// Binds the listeners; nothing is accepted before `run`.
    package init(_ settings: ProxySettings, _ parts: Parts) throws {
        var settings = settings
        let principalKey = HMAC(key: parts.principalKey)
        journal = parts.journal
        stops = try parts.stopFiles.map { ($0, try $0.watch()) }
        let loops = try (0..<max(1, settings.workers)).map { _ in try EventLoop() }
        var listeners = [try settings.listen.map { try Listener($0) }]
        let addresses = listeners[0].map(\.address)
        for _ in loops.dropFirst() { listeners.append(try addresses.map { try Listener($0) }) }
        settings.upstream.own += addresses
        let sessions = Sessions(
            settings.session, connections: settings.connectionLimit, bodies: MemoryBudget(settings.bodyMemory),
            autonomy: settings.agents.autonomy, now: { Timestamp(milliseconds: SystemClock.wall()) })
        let notifier =
            settings.notifyCommand.isEmpty
            ? nil : Notifier(settings.notifyCommand, now: { Timestamp(milliseconds: SystemClock.wall()) })
        gate = Gate(
            store: parts.store, settings: settings.hold,
            world: GateWorld(
                now: { Timestamp(milliseconds: SystemClock.wall()) },
                newHoldID: { HoldID(random: SecureRandom.word()) },
                hash: { SHA256.digest($0) },
                append: { [journal] event throws(JournalDown) in
                    if case .flagged(let hold, let flag, _) = event { sessions.note(flag, of: hold.session) }
                    try journal.append(event)
                    notifier?.tell(event)
                },
                flush: journal.flush(durably:),
                archive: CallArchive.encode,
                restore: { content, hold throws(StoreFailure) in
                    try CallArchive.decode(content, hold, knowing: parts.site.current) {
                        Services.principal($0, principalKey)
                    }
                },
                judge: { [rules = parts.rules] call in
                    let context = sessions.known(call.session)?.context ?? .none
                    return rules.judge(call, at: Timestamp(milliseconds: SystemClock.wall()), in: context)
                },
                closeConnections: { sessions.closeConnections(of: $0, grace: Sessions.stopGrace) }))
        services = Services(
            settings: settings, rules: parts.rules, site: parts.site, gate: gate, journal: journal, spool: parts.spool,
            authority: parts.authority, serverTLS: try TLSServerContext(), agents: parts.agents,
            sessions: sessions, principalKey: principalKey, recorder: parts.recorder)
        let resolver = try Resolver()
        dispatchers = loops.map { [services, own] loop in
            let connector = Connector(
                loop: loop, settings: settings.upstream, resolver: resolver, tls: parts.clientTLS,
                buffers: BufferPool(), own: own)
            return Dispatcher(services: services, connector: connector, loop: loop)
        }
        self.listeners = listeners
        self.addresses = addresses
    }

    /// Sends an approved hold without its agent.
    package func sendNow(_ hold: Hold) {
        let dispatcher = dispatchers[0]
        dispatcher.loop.spawn { await dispatcher.sendDetached(hold) }
    }

    /// Serves what comes in at these sockets too, from now or, before `run`, from its beginning on. From any thread.
    ///
    /// One socket is served by one loop; sets are spread over the loops.
    package func intercept(_ listeners: InterceptedListeners) -> Interception {
        let interception = Interception(listeners, services)
        let isServing = waiting.withLock { waiting in
            waiting?.append(interception)
            return waiting == nil
        }
        if isServing { serve(interception) }
        return interception
    }

    private func serve(_ interception: Interception) {
        let listeners = interception.listeners
        let first = turn.add(1, ordering: .relaxed).newValue
        func dispatcher(_ number: Int) -> Dispatcher { dispatchers[(first &+ number) % dispatchers.count] }
        for (number, listener) in listeners.streams.enumerated() {
            let dispatcher = dispatcher(number)
            let door = door(dispatcher, asksOwners: interception.isShared)
            accept(listener, dispatcher.loop, services.sessions.connections) {
                await door.admit($0, from: $1, $2, by: interception)
            }
        }
        for (number, listener) in listeners.nameStreams.enumerated() {
            let dispatcher = dispatcher(number)
            let desk = desk(interception, dispatcher)
            accept(listener, dispatcher.loop, interception.nameConnections) { descriptor, peer, place in
                await desk.serve(descriptor, from: peer)
                _ = place
            }
        }
        for (number, socket) in listeners.datagrams.enumerated() {
            let dispatcher = dispatcher(number)
            let desk = desk(interception, dispatcher)
            dispatcher.loop.spawn { [services] in
                do throws(IOError) {
                    try await socket.serve(on: dispatcher.loop) { desk.take($0, $1) }
                } catch {
                    services.log("no more questions for names on \(socket.address): \(error)")
                }
            }
        }
    }

    private func desk(_ interception: Interception, _ dispatcher: Dispatcher) -> NameDesk {
        NameDesk(
            interception: interception, services: services, dispatcher: dispatcher,
            owners: interception.isShared ? owners() : nil)
    }

    /// - Parameter asksOwners: whether the kernel is asked whose each connection is, which takes a descriptor.
    private func door(_ dispatcher: Dispatcher, asksOwners: Bool = true) -> AgentDoor {
        AgentDoor(services: services, dispatcher: dispatcher, owners: asksOwners ? owners() : nil)
    }

    package var rules: RulesInForce { services.rules }
    package var site: SiteKnowledge { services.site }
    package var sessions: Sessions { services.sessions }

    /// Serves until `stop` or SIGTERM, on the calling thread and one more for each further worker.
    ///
    /// - Parameters:
    ///   - signals: the descriptor of `Signal.descriptor()`, made before any thread.
    ///   - reload: called on SIGHUP.
    ///   - ready: called once agents are served, with how many holds the last end left uncertain.
    ///   - alongside: runs on the first loop beside the agents (the operator socket) until the server stops.
    package func run(
        signals: CInt?, reload: @escaping @Sendable () -> Void = {},
        ready: @escaping @Sendable (_ uncertain: Int) -> Void = { _ in },
        alongside: @escaping @Sendable (EventLoop) async -> Void = { _ in }
    ) throws {
        let first = dispatchers[0].loop
        for dispatcher in dispatchers { journal.attach(to: dispatcher.loop) }
        first.spawn { [self] in
            let uncertain: Int
            do throws(GateFailure) {
                uncertain = try await recover()
            } catch {
                // Served all the same, what the last process was sending would look like what this one is.
                failure.withLock { $0 = error }
                return stop()
            }
            for (dispatcher, listeners) in zip(dispatchers, listeners) {
                let door = door(dispatcher)
                for listener in listeners {
                    accept(listener, dispatcher.loop, services.sessions.connections) {
                        await door.admit($0, from: $1, $2)
                    }
                }
            }
            let intercepted = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting ?? []
            }
            for interception in intercepted { serve(interception) }
            ready(uncertain)
            HeapPages.advise()
            expireHolds(on: first)
            first.spawn { await alongside(first) }
            watchStopFiles(on: first)
            if let signals { first.spawn { await self.obey(signals, reload, on: first) } }
        }
        let ended = Semaphore()
        for dispatcher in dispatchers.dropFirst() {
            try WorkerThread.spawn(EventLoop.name) { [self] in
                run(dispatcher.loop)
                ended.signal()
            }
        }
        run(first)
        for _ in dispatchers.dropFirst() { ended.wait() }
        if let failure = failure.withLock({ $0 }) { throw NotRecovered(failure: failure) }
    }

    /// Ends it: nothing new is begun, what is under way has `drainTime`. From any thread.
    package func stop() {
        for dispatcher in dispatchers {
            dispatcher.loop.spawn {
                dispatcher.loop.drain()
                dispatcher.connector.closeIdle()
            }
        }
        gate.releaseWaiting()
    }

    private func run(_ loop: EventLoop) {
        var deadline: Int64?
        loop.run { [services] in
            guard loop.isStopping else { return false }
            let end = deadline ?? loop.now + services.settings.drainTime
            deadline = end
            return loop.taskCount == 0 || loop.now >= end
        }
    }

    private func accept(
        _ listener: Listener, _ loop: EventLoop, _ limit: ConnectionLimit,
        _ admit: @escaping @Sendable (CInt, SocketAddress?, ConnectionLimit.Place) async -> Void
    ) {
        loop.spawn { [services] in
            do throws(IOError) {
                try await listener.accept(on: loop, limit: limit, admit)
            } catch {
                services.log("no more connections on \(listener.address): \(error)")
            }
        }
    }

    /// What the last process left in the middle.
    private func recover() async throws(GateFailure) -> Int {
        let (uncertain, immediate) = try await gate.recover()
        await heedStopFiles()
        for hold in immediate { sendNow(hold) }
        return uncertain.count
    }

    /// Once a second; between two looks there is no task that a gate that stops would wait for.
    private func expireHolds(on loop: EventLoop) {
        loop.timer(at: loop.now + 1000) { [self] in
            guard !loop.isStopping else { return }
            refreshAgents()
            HeapPages.advise()
            loop.spawn { [self] in
                // A store that is down refuses new holds too; time goes on when it is back.
                try? await gate.keepTime()
                expireHolds(on: loop)
            }
        }
    }

    /// A token that was taken away is worth nothing from the next second on, on open connections too.
    private func refreshAgents() {
        let (revoked, failure) = services.agents.refresh()
        for agent in revoked { sessions.closeConnections(of: .agent(agent)) }
        if let failure { services.log("no token made by `tiergate agents` is good until this is mended: \(failure)") }
    }

    private func owners() -> SocketOwners? {
        do throws(IOError) {
            return try SocketOwners()
        } catch {
            services.log("this kernel does not say whose a connection is (\(error)): every agent needs a token")
            return nil
        }
    }

    private func obey(_ signals: CInt, _ reload: @Sendable () -> Void, on loop: EventLoop) async {
        guard let socket = try? Socket(owning: signals, on: loop) else { return }
        while let signal = try? await Signal.next(from: socket) {
            switch signal {
            case .reload: reload()
            case .stop: return stop()
            case .kill(let uid):
                let sender = Operator(uid: uid, name: Accounts.name(of: uid))
                loop.spawn { await self.stopEverything(.kill, by: .signal(sender)) }
            }
        }
    }

    // MARK: The kill switch

    /// Once those that are there have been heeded, before the first call.
    private func watchStopFiles(on loop: EventLoop) {
        guard let stops else { return }
        loop.spawn { [self] in
            do throws(IOError) {
                try await stops.watch.serve(on: loop) { loop.spawn { await self.heedStopFiles() } }
            } catch {
                services.log("files that stop everything are no longer looked for: \(error)")
            }
        }
    }

    private func heedStopFiles() async {
        for file in stops?.files.present ?? [] {
            // Also where the files of the store appear beside it.
            if let stop = gate.killSwitch.stop(of: .everything), stop.kind >= file.kind { continue }
            await stopEverything(file.kind, by: .file(file.path))
        }
    }

    private func stopEverything(_ kind: Stop.Kind, by cause: Stop.Cause) async {
        let report = await gate.stop(.everything, kind, by: cause)
        services.log("\(report.stop); `tiergate resume everything --reason …` lifts it")
        for failure in report.failures { services.log("that could not be written yet: \(failure)") }
    }
}

/// The holds of the last run could not be looked through, so nothing was served.
package struct NotRecovered: Error, CustomStringConvertible {
    let failure: GateFailure

    package var description: String {
        "what the last run left in the middle cannot be read or written down (\(failure)); mend the store or the journal, "
            + "and start again"
    }
}
