import Calls
import Crypto
package import Holds
package import Stores
import Synchronization
import Wire

/// Who is an agent of this gate, by what an agent cannot choose: the account that its socket belongs to, or a token that
/// only it was given.
package final class AgentAccess: Sendable {
    /// Accounts whose programs need no token.
    private let accounts: Set<UInt32>
    /// Of the settings.
    private let fixed: [AgentToken]
    private let file: AgentFile?
    private let kept = Mutex(Kept())
    /// Another one when the tokens are others: a connection that proved itself before does so once more.
    private let changes = Atomic<Int>(0)

    private struct Kept {
        var tokens: [AgentToken] = []
        var version: AgentFile.Version?
    }

    /// - Parameter file: read at once; a file that cannot be read is an error here, and later admits nobody.
    package init(accounts: Set<UInt32>, tokens: [AgentToken] = [], file: AgentFile? = nil) throws(StoreFailure) {
        self.accounts = accounts
        fixed = tokens
        self.file = file
        guard let file else { return }
        let version = file.version
        let tokens = try file.read()
        kept.withLock { $0 = Kept(tokens: tokens, version: version) }
    }

    var version: Int { changes.load(ordering: .relaxed) }

    func admits(account: UInt32) -> Bool { accounts.contains(account) }

    /// Whose token it is; nil where it is nobody's, or another's than it says.
    ///
    /// Every hash is compared whole, whatever came before: how long it takes says nothing about any of them.
    func agent(proving value: ArraySlice<UInt8>) -> AgentID? {
        guard let proof = ProxyAuthorization(value), proof.token.count <= AgentToken.longest else { return nil }
        let digest = SHA256.digest(proof.token).bytes
        var found: AgentID?
        for token in fixed + kept.withLock({ $0.tokens }) {
            let difference = zip(digest, token.digest.bytes).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) }
            if difference == 0, proof.name == nil || proof.name == token.agent.description { found = token.agent }
        }
        return found
    }

    /// Reads the file again where it has changed.
    ///
    /// - Returns: the agents of whom a token is no longer good, and why the file cannot be read where that is so.
    func refresh() -> (revoked: [AgentID], failure: StoreFailure?) {
        guard let file else { return ([], nil) }
        let version = file.version
        guard version != kept.withLock({ $0.version }) else { return ([], nil) }
        var tokens: [AgentToken] = []
        var failure: StoreFailure?
        do throws(StoreFailure) { tokens = try file.read() } catch { failure = error }
        let before = kept.withLock { kept in
            defer { kept = Kept(tokens: tokens, version: version) }
            return kept.tokens
        }
        changes.add(1, ordering: .relaxed)
        return (before.filter { !tokens.contains($0) }.map(\.agent), failure)
    }
}

extension SessionID {
    /// The session of an account's programs.
    static func account(_ uid: UInt32) -> SessionID { SessionID("uid-\(uid)") }
}
