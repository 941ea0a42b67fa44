package import Calls
import Holds
package import Stores
import System

/// Who may use the gate; `AgentFile` has those that `tiergate agents` made besides.
package struct AgentSettings: Sendable {
    /// Accounts whose programs need no token: the gate's own, and those that are named.
    package var accounts: Set<UInt32> = [Accounts.effectiveUser]
    package var tokens: [AgentToken] = []
    /// Files with a token of the site's own.
    package var tokenFiles: [(agent: AgentID, path: String)] = []

    /// Of every agent of which nothing else is said.
    package var autonomy: Autonomy?

    package init() {}

    /// Those of the files too.
    func allTokens() throws(StoreFailure) -> [AgentToken] {
        var all = tokens
        for (agent, path) in tokenFiles {
            all.append(AgentToken(agent: agent, digest: try AgentToken.digest(ofFile: path)))
        }
        return all
    }
}
