import Audit
import Calls
import Client
import Crypto
import Holds
import JSON
import Rules
import Stores
import Synchronization
import System
import Wire

/// What all loops of one gate share; everything in it may be used from any thread.
final class Services: Sendable {
    let settings: ProxySettings
    let rules: RulesInForce
    let site: SiteKnowledge
    let gate: Gate
    let journal: CallJournal
    let spool: Spool
    let authority: CertificateAuthority
    let serverTLS: TLSServerContext
    let attempts = Attempts()
    let nameClient = NameClient()
    let beingObserved = Mutex<Set<HoldID>>([])
    let agents: AgentAccess
    let sessions: Sessions
    /// Nil where nothing is recorded.
    let recorder: CallRecorder?
    private let principalKey: HMAC

    init(
        settings: ProxySettings, rules: RulesInForce, site: SiteKnowledge, gate: Gate, journal: CallJournal,
        spool: Spool,
        authority: CertificateAuthority, serverTLS: TLSServerContext, agents: AgentAccess, sessions: Sessions,
        principalKey: HMAC, recorder: CallRecorder? = nil
    ) {
        self.recorder = recorder
        self.settings = settings
        self.agents = agents
        self.sessions = sessions
        self.rules = rules
        self.site = site
        self.gate = gate
        self.journal = journal
        self.spool = spool
        self.authority = authority
        self.serverTLS = serverTLS
        self.principalKey = principalKey
    }

    var admission: AgentAdmission { AgentAdmission(agents: agents, sessions: sessions) }

    func now() -> Timestamp { Timestamp(milliseconds: SystemClock.wall()) }

    /// - Parameters:
    ///   - session: whose it is; nil where nothing is known of it any more.
    ///   - floor: whatever rules say; nil adds nothing to them.
    func judge(_ call: Call, of session: Session?, atLeast floor: VerdictFloor? = nil) -> Verdict {
        let verdict = rules.judge(call, at: now(), in: session?.context ?? .none)
        return floor.map { verdict.raised(to: $0) } ?? verdict
    }

    /// Has the session know how many holds it has, for rules that ask; where the store does not say, they fail.
    func countHolds(of session: Session) async {
        let query = HoldQuery(
            states: ["pending", "stale"], session: session.id, limit: settings.hold.maxPendingPerSession)
        session.facts.noteHolds((try? await gate.holds(query))?.count)
    }

    func canStream(_ call: Call) -> Bool { rules.canStream(call, at: now()) }

    func newRecord(for session: SessionID) -> Record {
        let id = CallID(random: (SecureRandom.word(), SecureRandom.word()))
        return Record(id: id, session: session, began: now())
    }

    /// A credential without its secret.
    func principal(_ credential: Credential) -> Principal { Services.principal(credential, principalKey) }

    static func principal(_ credential: Credential, _ key: HMAC) -> Principal {
        switch credential {
        case .none: .none
        case .aws(let credential): .aws(key: credential.keyID)
        case .token(let issuer, let subject, let audience, _):
            .token(issuer: issuer, subject: subject, audience: audience)
        case .opaque(let bytes): .opaque(hexadecimal(key.authenticate(bytes).bytes.span.extracting(0..<8)))
        }
    }

    /// A line for the person who runs the gate, on standard error; never a body or a credential.
    func log(_ line: String) {
        if let text = logged.withLock({ $0.admit(line, at: SystemClock.monotonic()) }) { StandardError.write(text) }
    }

    private let logged = Mutex(LogLimit())
}
