import Audit
import Calls
import Client
import Crypto
import Glibc
import Holds
import Operators
import Proxy
import Rules
import Stores
import System

/// A gate from its first line to its last: opened, recovered, serving agents and operators, drained.
struct GateProcess {
    let settings: Settings
    let assembly: GateAssembly
    private let operators: Listener
    private let isSocketOurs: Bool
    private let boundary: Boundary
    private let group: String?
    private let stopFiles: StopFiles
    private let watch: RuleWatch
    /// Nil where no groups are kept.
    private let groups: GroupsInForce?
    private let signatures: SignatureCheck?
    /// Whose children are agents.
    let agentProcesses = AgentProcesses()
    private let isJailer: Bool

    /// Opens everything; nothing is served yet.
    ///
    /// - Parameters:
    ///   - boundary: what keeps agents from the operator socket: a jail; nil finds out by the gate's own account.
    ///   - rules: those of the settings' directories, where they have been read, and a watch from before that.
    init(_ settings: Settings, boundary: Boundary? = nil, rules: (set: RuleSet?, watch: RuleWatch)? = nil) throws {
        self.settings = settings
        watch = rules?.watch ?? RuleWatch(settings.rules)
        // First: it changes the environment, which threads may read.
        let handed = try ServiceSocket.take(at: settings.operatorSocket)
        stopFiles = StopFiles(in: settings.state)
        groups = try settings.operatorGroups.map { GroupsInForce(try GroupsFile.read($0)) }
        signatures = settings.allowedSigners.map { SignatureCheck(file: $0) }
        isJailer = boundary != nil
        if isJailer { agentProcesses.add(getpid()) }
        var paths = GateAssembly.Paths(state: settings.state, rules: settings.rules)
        paths.servers = settings.inspectionServers.map(\.value)
        paths.descriptors = settings.inspectionDescriptors
        paths.roots = settings.upstreamRoots
        if let certificate = settings.authorityCertificate, let key = settings.authorityKey {
            paths.authority = (certificate, key)
        }
        paths.identities = settings.upstreamIdentities.map {
            .init(hosts: $0.hosts, certificate: $0.certificate, key: $0.key)
        }
        paths.journal.segment = settings.journalSegment
        paths.journal.segmentAge = settings.journalAge.map { Interval(milliseconds: $0) }
        paths.journal.keep = settings.journalKeep.map { Interval(milliseconds: $0) }
        paths.recording = settings.recording
        var proxy = settings.proxy
        proxy.upstream.proxy?.authorization = try settings.proxyAuthorization()
        let intercepted = try settings.interceptedListeners()
        assembly = try GateAssembly(proxy, paths, rules: rules?.set)
        if let intercepted { _ = assembly.server.intercept(intercepted) }
        let named = settings.operatorGroup ?? "tiergate"
        let gid = Accounts.group(named: named)
        group = gid == nil && settings.operatorGroup == nil ? nil : named
        if let handed {
            // Its file, with its group and mode, is the unit's.
            (operators, isSocketOurs) = (handed, false)
        } else {
            operators = try GateProcess.operatorListener(at: settings.operatorSocket, group: gid)
            isSocketOurs = true
        }
        self.boundary = boundary ?? GateProcess.boundary(settings, operators: gid, groups?.current)
    }

    private static func operatorListener(at path: String, group: UInt32?) throws(IOError) -> Listener {
        let directory = path.split(separator: "/").dropLast().joined(separator: "/")
        let root = path.hasPrefix("/") ? "/" : ""
        if !directory.isEmpty {
            try Files.makeDirectory(root + directory, mode: group == nil ? 0o700 : 0o750, group: group)
        }
        return try Listener(.unix(path: path), mode: group == nil ? 0o600 : 0o660, group: group)
    }

    /// Whether an agent is kept from the operator socket by its account.
    ///
    /// Programs of the gate's own account are always taken for an agent's; only an account that no person's programs run
    /// under is one that theirs is not.
    static func boundary(
        _ settings: Settings, operators: UInt32?, _ groups: OperatorGroups?, of uid: UInt32 = Accounts.effectiveUser
    ) -> Boundary {
        guard uid > 0, uid < 1000 else {
            return .advisory(
                reason: "the gate runs as \(Accounts.name(of: uid)), and an agent under the same account can open the "
                    + "operator socket; run the gate under a system account of its own")
        }
        // An account's own calls are refused to it; those of other agents are not known to be its.
        let deciding = settings.agentAccounts.filter { account in
            account.uid == 0 || groups?.have(account.uid) ?? false
                || operators.map(Accounts.groups(of: account.uid).contains) ?? false
        }
        guard let first = deciding.first else { return .enforced }
        return .advisory(
            reason:
                "programs of \(first.name) are agents (agents.accounts), and \(first.name) may decide: they can let "
                + "calls of other agents go; give agents accounts that are in no group of operators")
    }

    /// Serves until SIGTERM, SIGINT or `server.stop()`.
    func run(signals: CInt?, ready: @escaping @Sendable () -> Void) throws {
        let closed = try assembly.journal.closeLeftOpen(unsent: assembly.store.approvedAtStart)
        try assembly.journal.append(
            .gateStarted(
                version: Version.number, rulesDigest: assembly.server.rules.digest, lost: closed.lost,
                uncertain: closed.uncertain))
        let operatorServer = operatorServer()
        let listener = operators
        let rules = settings.rules
        let server = assembly.server
        try watch.begin { GateProcess.reload(rules, into: server.rules) }
        try server.run(
            signals: signals,
            reload: { [settings, groups] in
                GateProcess.reload(rules, into: server.rules)
                GateProcess.reload(settings, into: server.site)
                if let groups { GateProcess.reload(groups) }
            },
            ready: { uncertain in
                if uncertain > 0 {
                    StandardError.write(
                        "tiergate: \(uncertain) calls were being sent when the gate ended; see `tiergate held --state "
                            + "uncertain`\n")
                }
                for stop in server.gate.stops {
                    StandardError.write("tiergate: \(stop); `tiergate resume` lifts it\n")
                }
                ready()
            },
            alongside: { [assembly, settings] loop in
                Retention(store: assembly.store, keep: settings.holdKeep.map { Interval(milliseconds: $0) }).begin(
                    on: loop)
                do throws(IOError) {
                    try await operatorServer.serve(listener: listener, on: loop)
                } catch {
                    StandardError.write("tiergate: the operator socket is gone: \(error)\n")
                }
            })
        if isSocketOurs { unlink(settings.operatorSocket) }
        assembly.recorder?.close()
        _ = try? assembly.journal.append(.gateStopped(reason: "asked to"))
        assembly.journal.shutDown()
        // Last: the journal has told it how far it came.
        assembly.store.closeAndWait()
    }

    private func operatorServer() -> OperatorServer {
        let server = assembly.server
        let journal = assembly.journal
        let store = assembly.store
        let recorder = assembly.recorder
        return OperatorServer(
            gate: server.gate, boundary: boundary, access: Access(group: group, groups: groups),
            kinship: kinship, signatures: signatures, version: Version.number,
            now: { Timestamp(milliseconds: SystemClock.wall()) },
            health: {
                GateHealth(
                    rulesDigest: server.rules.digest,
                    store: store.failure.map { .failing(GateProcess.sentence($0)) } ?? .working,
                    journal: journal.failure.map { .failing($0.description) } ?? .working,
                    recording: recorder?.failure.map { .failing($0) } ?? .working)
            },
            sendNow: { server.sendNow($0) }, stopFile: { [stopFiles] in stopFiles.present.first?.path },
            sessions: { server.sessions.summaries.map(SessionState.init) })
    }

    private var kinship: Kinship {
        Kinship(
            accounts: Set(settings.agentAccounts.map(\.uid)), processes: agentProcesses,
            namespaces: isJailer ? Set(ProcessPlace.Namespace.allCases) : [.user, .pid])
    }

    private static func sentence(_ failure: StoreFailure) -> String {
        switch failure {
        case .unavailable(let reason), .damaged(let reason): reason
        case .impossible(let from, let to): "a hold cannot go from \(from) to \(to)"
        }
    }

    /// Reads the groups again; with any error in them those in force stay.
    private static func reload(_ groups: GroupsInForce) {
        let file = groups.current.file
        do {
            let next = try GroupsFile.read(file)
            groups.replace(with: next)
            StandardError.write("tiergate: \(counted(next.names.count, "group")) loaded (\(file))\n")
        } catch {
            StandardError.write("\(error)\ntiergate: the groups in force stay\n")
        }
    }

    /// Reads the rules again; with any error in them the set in force stays.
    private static func reload(_ directories: [String], into rules: RulesInForce) {
        do {
            let set = try GateAssembly.rules(directories)
            rules.replace(with: set)
            StandardError.write("tiergate: \(set.ruleCount) rules loaded (\(set.packNames.joined(separator: ", ")))\n")
        } catch {
            StandardError.write("\(error)\ntiergate: the rules in force stay\n")
        }
    }

    /// Reads the descriptor sets again; with any error in them those in force stay.
    private static func reload(_ settings: Settings, into site: SiteKnowledge) {
        guard !settings.inspectionDescriptors.isEmpty else { return }
        do {
            site.replace(
                with: try SiteKnowledge.load(
                    servers: settings.inspectionServers.map(\.value), descriptors: settings.inspectionDescriptors))
            StandardError.write("tiergate: descriptor sets loaded\n")
        } catch {
            StandardError.write("tiergate: \(error)\ntiergate: the descriptor sets in force stay\n")
        }
    }
}

extension GateProcess {
    /// The command: says where everything is, and ends with the gate.
    static func serve(_ settings: Settings, _ invocation: Invocation) -> ExitStatus {
        do {
            // Before any thread is made: they inherit which signals are blocked.
            let signals = try Signal.descriptor()
            let process = try GateProcess(settings)
            let terminal = invocation.terminal
            try JailDoor(process.assembly.server, process.agentProcesses, state: settings.state).serve()
            try process.run(signals: signals) { terminal.note(process.greeting) }
            return .ok
        } catch let broken as BrokenRules {
            invocation.terminal.note(broken.description)
            return .usage
        } catch let refusal as GroupsFile.Refusal {
            invocation.terminal.note(refusal.description)
            return .usage
        } catch {
            return invocation.fail(.failed, "\(error)")
        }
    }

    private var greeting: String {
        let set = assembly.server.rules.current
        let proxy = assembly.server.addresses.first?.description ?? "nowhere"
        var lines = [
            "tiergate \(Version.number): agents at http://\(proxy), operators at \(settings.operatorSocket)",
            "  \(set.ruleCount) rules: \(set.packNames.joined(separator: ", "))",
            "  an agent needs: HTTPS_PROXY=http://\(proxy) HTTP_PROXY=http://\(proxy) "
                + "SSL_CERT_FILE=\(settings.authorityFile)",
        ]
        if let transparent = settings.transparentListen.first {
            lines.append(
                "  transparent: connections led to \(transparent), questions for names to "
                    + (settings.transparentNames.first?.description ?? "nowhere"))
        }
        if let directory = settings.recordDirectory {
            lines.append("  recording every judged call into \(directory) (sealed; `tiergate rules replay` reads it)")
        }
        if let weakness = boundary.weakness { lines.append("  ADVISORY: \(weakness)") }
        return lines.joined(separator: "\n")
    }
}

extension Settings {
    /// As the proxy is told.
    var proxy: ProxySettings {
        var proxy = ProxySettings()
        proxy.listen = listen
        proxy.inspectionLimit = inspectionLimit
        proxy.bodyLimit = holdBody
        proxy.wait = holdWait
        proxy.workers = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        proxy.upstream = upstream
        proxy.session = sessionLimits
        proxy.firstByteTime = transparentSilence
        for account in agentAccounts { proxy.agents.accounts.insert(account.uid) }
        proxy.agents.autonomy = agentAutonomy
        for token in agentTokens {
            switch token.proof {
            case .hash(let digest): proxy.agents.tokens.append(AgentToken(agent: AgentID(token.agent), digest: digest))
            case .file(let path): proxy.agents.tokenFiles.append((AgentID(token.agent), path))
            }
        }
        proxy.upstream.allow = upstreamAllow
        proxy.upstream.resolve = upstreamResolve.map(\.value)
        proxy.upstream.proxy = upstreamProxy
        proxy.upstream.proxy?.exceptions = upstreamNoProxy.map(\.value)
        proxy.hold = hold
        proxy.notifyCommand = notifyCommand
        proxy.hold.maxPending = holdMaxPending
        // Whoever may become root may be either.
        proxy.hold.sharedAccounts = [0, Accounts.effectiveUser]
        proxy.hold.maxWaiting = holdMaxWaiting
        proxy.hold.maxPendingPerSession = holdMaxPendingPerSession
        return proxy
    }

    /// What the proxy on the way to upstreams is told; nil where it asks for nothing.
    func proxyAuthorization() throws -> [UInt8]? {
        guard let file = upstreamProxyCredentials else { return nil }
        let content = try Files.read(file, limit: UpstreamProxy.longestCredentials + 2)
        guard let authorization = UpstreamProxy.authorization(content) else { throw UnreadableCredentials(file: file) }
        return authorization
    }
}

/// A file of credentials that has something else in it; what that is is not said.
struct UnreadableCredentials: Error, CustomStringConvertible {
    let file: String

    var description: String { "\(file) must have one line `user:password` (upstream.proxy_credentials)" }
}
