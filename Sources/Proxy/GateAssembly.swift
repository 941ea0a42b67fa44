package import Audit
import Calls
import Client
package import Crypto
import Holds
import JSON
package import Rules
package import Stores
import System

/// Everything a gate is made of, opened and put together in the order in which it may fail.
package struct GateAssembly {
    /// Where things are; `ProxySettings` says how they behave.
    package struct Paths: Sendable {
        /// Authority, store, journal: 0700.
        package var state: String
        package var rules: [String]
        /// PEM files of an authority of the site's own; nil makes one on first start.
        package var authority: (certificate: String, key: String)?
        /// PEM files of roots that upstreams may have beside the system's.
        package var roots: [String] = []

        package init(state: String, rules: [String]) {
            self.state = state
            self.rules = rules
        }
    }

    package let server: ProxyServer
    package let journal: Journal
    package let store: SQLiteHoldStore
    package let authority: CertificateAuthority

    /// - Throws: a `StoreFailure`, `JournalFailure`, `CryptoFailure` or `IOError`, each a sentence for the operator; or
    ///   `BrokenRules` with everything that is wrong in them.
    package init(_ settings: ProxySettings, _ paths: Paths) throws {
        let rules = try GateAssembly.rules(paths.rules)
        let directory = try StateDirectory(opening: paths.state)
        authority = try directory.authority(
            for: "this machine", certificate: paths.authority?.certificate, key: paths.authority?.key)
        let clientTLS = try TLSClientContext(roots: paths.roots)
        let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: SystemClock.wall()) }
        journal = try Journal(directory: directory.file("journal"), clock: now)
        store = try SQLiteHoldStore(in: directory)
        let parts = ProxyServer.Parts(
            rules: RulesInForce(rules), store: store, journal: CallJournal(journal), spool: store.spool,
            authority: authority, clientTLS: clientTLS, principalKey: try directory.principalKey(),
            agents: try AgentAccess(
                accounts: settings.agents.accounts, tokens: settings.agents.allTokens(),
                file: AgentFile(in: directory)))
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
