import Calls
import Client
import Holds
import Proxy
import Stores
import System
import Wire

/// What a gate is told about the place it runs in; `SettingsTable` has each key with its default and reason.
struct Settings: Sendable {
    var listen: [SocketAddress]
    /// Where connections are led to that were going elsewhere, and questions for names; empty: nowhere.
    var transparentListen: [SocketAddress] = []
    var transparentNames: [SocketAddress] = []
    var transparentKind = InterceptedListeners.Kind.redirected
    /// Whether each control group of an account is a run of its own.
    var transparentByGroup = false
    /// Milliseconds to the first byte of such a connection.
    var transparentSilence = ProxySettings().firstByteTime
    /// Store, journal and authority.
    var state: String
    var rules: [String]
    var operatorSocket: String
    /// Who may open the operator socket beside its owner; nil: the group `tiergate` where there is one.
    var operatorGroup: String?
    /// Who speaks for the groups of rules; nil: whoever may decide.
    var operatorGroups: String?
    /// Names and keys of those who sign; nil: nobody does.
    var allowedSigners: String?
    /// PEM files; nil: `authority.pem` and `authority.key` in the state directory.
    var authorityCertificate: String?
    var authorityKey: String?
    /// Whose programs need no token beside the gate's own: uids, or names as they were written.
    var agentAccounts: [Account] = []
    var agentTokens: [Token] = []
    /// Of every agent of which nothing else is said; nil: rules that ask for it count.
    var agentAutonomy: Autonomy?
    var sessionLimits = SessionLimits()
    var upstreamRoots: [String] = []
    var upstreamAllow: [AddressRange] = []
    var upstreamResolve: [Override] = []
    var upstreamProxy: UpstreamProxy?
    /// A file with `user:password`.
    var upstreamProxyCredentials: String?
    var upstreamNoProxy: [NoProxy] = []
    var upstreamIdentities: [Identity] = []
    /// Time-outs and what is kept, as Client takes them; nothing else in it.
    var upstream = UpstreamSettings()
    /// Bytes of a body that rules look into.
    var inspectionLimit = 1 << 20
    /// Files that describe gRPC services.
    var inspectionDescriptors: [String] = []
    var inspectionServers: [Server] = []
    /// How long a held call waits on its connection, in milliseconds; nil: as long as its client is known to.
    var holdWait: Int64?
    var holdBody = 64 << 20
    var holdMaxPending = 1_000_000
    var holdMaxWaiting = 15_000
    var holdMaxPendingPerSession = 32
    /// Times and what follows them, as Holds takes them; nothing else in it.
    var hold = HoldSettings()
    /// A program and its arguments; empty: nobody is told.
    var notifyCommand: [String] = []
    /// How long ended holds are kept, in milliseconds; nil: for ever.
    var holdKeep: Int64? = 30 * 86_400_000
    var journalSegment = 64 << 20
    /// Milliseconds; nil: only their size ends files.
    var journalAge: Int64?
    /// Milliseconds; nil: for ever.
    var journalKeep: Int64?
    /// Where judged calls are recorded; nil: nowhere.
    var recordDirectory: String?
    /// Bytes of a body that are recorded.
    var recordBody = CallRecorder.Limits().body
    var recordSegment = RecordingLimits().segment
    /// Milliseconds.
    var recordAge = RecordingLimits().age.milliseconds
    var recordTotal = RecordingLimits().total
    /// Event loops; nil: one a processor.
    var workers: Int?

    /// A name that is not asked from the resolver, as it was written and as Client takes it.
    struct Override: Hashable, Sendable {
        let pattern: String
        let address: String
        let value: NameOverride
    }

    /// A host that is reached without the proxy, as it was written and as Client takes it.
    struct NoProxy: Sendable {
        let text: String
        let value: UpstreamProxy.Exception

        init(_ text: String, _ value: UpstreamProxy.Exception) {
            self.text = text
            self.value = value
        }
    }

    /// A certificate that the gate shows to some hosts: PEM files.
    struct Identity: Sendable {
        let host: String
        let hosts: NamePattern
        let certificate: String
        let key: String
    }

    /// A server of the Model Context Protocol, as it was written and as Wire takes it.
    struct Server: Hashable, Sendable {
        let name: String
        let place: String
        let value: MCPServer
    }

    /// An account of this machine, as it was written.
    struct Account: Hashable, Sendable {
        let name: String
        let uid: UInt32
    }

    /// An agent and what proves that it is that one; never the token itself.
    struct Token: Hashable, Sendable {
        enum Proof: Hashable, Sendable {
            /// SHA-256.
            case hash(Digest)
            case file(String)
        }

        let agent: String
        let proof: Proof

        var written: String {
            switch proof {
            case .hash(let digest): "sha256:\(digest)"
            case .file(let path): path
            }
        }
    }

    var journalDirectory: String { "\(state)/journal" }

    private static let defaultListen = [SocketAddress.ip(.v4(0x7F00_0001), port: 9510)]

    /// Where a service has its files: what holds for keys that a configuration file leaves out.
    static let ofService = Settings(
        listen: defaultListen, state: "/var/lib/tiergate", rules: ["/etc/tiergate/rules"],
        operatorSocket: "/run/tiergate/operator.sock")

    /// Where a user's own gate has its files (XDG base directories).
    ///
    /// - Parameter exists: whether a directory is there; rules of the user's own need not be.
    static func ofUser(_ environment: Environment, exists: (String) -> Bool) -> Settings {
        let state = "\(environment.stateHome)/tiergate"
        let own = "\(environment.configHome)/tiergate/rules"
        return Settings(
            listen: defaultListen, state: state,
            rules: (environment.shippedRules.map { [$0] } ?? []) + (exists(own) ? [own] : []),
            operatorSocket: (environment.runtimeDirectory.map { "\($0)/tiergate" } ?? state) + "/operator.sock")
    }
}
