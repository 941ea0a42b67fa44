package import Audit
import Calls
package import Client
package import Crypto
import Holds
import JSON
package import Rules
package import Stores
import System
package import Wire

/// Everything a gate is made of, opened and put together in the order in which it may fail.
package struct GateAssembly {
    /// Where things are; `ProxySettings` says how they behave.
    package struct Paths: Sendable {
        /// Authority, store, journal: 0700.
        package var state: String
        package var rules: [String]
        /// Servers of the Model Context Protocol that rules have names for, and files that describe gRPC services.
        package var servers: [MCPServer] = []
        package var descriptors: [String] = []
        /// PEM files of an authority of the site's own; nil makes one on first start.
        package var authority: (certificate: String, key: String)?
        /// PEM files of roots that upstreams may have beside the system's.
        package var roots: [String] = []
        /// Whom the gate shows a certificate of its own, and the PEM files of it.
        package var identities: [Identity] = []

        package struct Identity: Sendable {
            let hosts: NamePattern
            let certificate: String
            let key: String

            package init(hosts: NamePattern, certificate: String, key: String) {
                self.hosts = hosts
                self.certificate = certificate
                self.key = key
            }
        }
        package var journal = JournalLimits()
        /// Where judged calls are recorded; nil: nowhere.
        package var recording: (directory: String, files: RecordingLimits, calls: CallRecorder.Limits)?

        package init(state: String, rules: [String]) {
            self.state = state
            self.rules = rules
        }
    }

    package let server: ProxyServer
    package let journal: Journal
    package let store: SQLiteHoldStore
    package let recorder: CallRecorder?
    package let authority: CertificateAuthority

    /// - Throws: a `StoreFailure`, `JournalFailure`, `CryptoFailure` or `IOError`, each a sentence for the operator; or
    ///   `BrokenRules` with everything that is wrong in them.
    package init(_ settings: ProxySettings, _ paths: Paths, rules: RuleSet? = nil) throws {
        let rules = try rules ?? GateAssembly.rules(paths.rules)
        let site = SiteKnowledge(try SiteKnowledge.load(servers: paths.servers, descriptors: paths.descriptors))
        let directory = try StateDirectory(opening: paths.state)
        authority = try directory.authority(
            for: "this machine", certificate: paths.authority?.certificate, key: paths.authority?.key)
        let clientTLS = try TLSClientContext(roots: paths.roots)
        var settings = settings
        settings.upstream.identities += try paths.identities.map {
            .init(
                hosts: $0.hosts,
                context: try TLSClientContext(like: clientTLS, certificate: $0.certificate, key: $0.key))
        }
        let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: SystemClock.wall()) }
        store = try SQLiteHoldStore(in: directory)
        // The store is told how far the journal is, so that a journal cut together with its own note is found.
        journal = try Journal(
            directory: directory.file("journal"), limits: paths.journal,
            mark: store.journalMark.map { JournalHead(seq: $0.seq, hash: $0.hash) }, clock: now,
            tell: { [store] in store.note(JournalMark(seq: $0.seq, hash: $0.hash)) })
        let key = try directory.principalKey()
        recorder = try paths.recording.map { recording in
            try CallRecorder(
                RecordingWriter(
                    in: recording.directory, key: try directory.recordingKey(), limits: recording.files),
                principalKey: key, limits: recording.calls)
        }
        let parts = ProxyServer.Parts(
            rules: RulesInForce(rules), store: store, journal: CallJournal(journal), spool: store.spool,
            authority: authority, clientTLS: clientTLS, principalKey: key,
            agents: try AgentAccess(
                accounts: settings.agents.accounts, tokens: settings.agents.allTokens(),
                file: AgentFile(in: directory)),
            site: site, stopFiles: StopFiles(in: paths.state), recorder: recorder)
        server = try ProxyServer(settings, parts)
    }

    /// The set in these directories, or everything that is wrong in it.
    package static func rules(_ directories: [String]) throws -> RuleSet {
        let (set, diagnostics) = try RuleFiles.load(directories, now: Timestamp(milliseconds: SystemClock.wall()))
        guard let set else { throw BrokenRules(diagnostics: diagnostics) }
        return set
    }
}

/// Rules that are not loaded; the set in force stays.
package struct BrokenRules: Error, CustomStringConvertible {
    package let diagnostics: [Diagnostic]

    /// Errors only: warnings do not keep a set from being loaded, and `rules check` shows them.
    package var description: String {
        let errors = diagnostics.filter { $0.severity == .error }
        let count = errors.count == 1 ? "1 error" : "\(errors.count) errors"
        return errors.map(\.rendered).joined(separator: "\n") + "\n\(count); nothing is loaded"
    }
}
