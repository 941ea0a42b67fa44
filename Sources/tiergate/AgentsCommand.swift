import Calls
import Crypto
import Holds
import JSON
import Stores
import System

extension Command {
    /// Which gate's agents.
    private static let ofAgents = Setting.options.filter { ["--config", "--state", "--listen"].contains($0.name) }

    static let agentsAdd = Command(
        name: "agents add", summary: "make an agent that proves itself with a token, and print the token once",
        operands: [Operand(name: "NAME", help: "what the agent is called: \(AgentToken.naming)")], options: ofAgents,
        details: """
            For an agent on another machine, in a container, or under an account that others use too. The gate keeps the \
            token's hash in its state directory and takes the agent in within a second; nothing shows the token again.
            """,
        examples: [
            Example("tiergate agents add mailer", "prints the token, and the proxy's address with it"),
            Example("tiergate agents add mailer --json | jq -r .token > mailer.token", "for a deployment"),
        ],
        run: { invocation in
            invocation.changingAgents { file, settings throws(StoreFailure) in
                let name = invocation.operands[0]
                guard AgentToken.isName(name) else {
                    return invocation.fail(.usage, "\(visible(name)) is no name for an agent", help: AgentToken.naming)
                }
                let token = AgentToken.draw()
                let made = Timestamp(milliseconds: SystemClock.wall()).description
                let entry = AgentToken(
                    agent: AgentID(name), digest: SHA256.digest(Array(token.utf8)), created: made)
                guard try file.add(entry) else {
                    return invocation.fail(
                        .refused, "there is an agent \(name) already",
                        help: "`tiergate agents remove \(name)` takes its token away; then make it anew")
                }
                let address = settings.listen.first?.description ?? "127.0.0.1:9510"
                let proxy = "http://\(name):\(token)@\(address)"
                if invocation.isJSON {
                    invocation.terminal.print(
                        json: JSONWriter.object {
                            $0.field("agent", name)
                            $0.field("token", token)
                            $0.field("proxy", proxy)
                        })
                } else {
                    invocation.terminal.print(
                        """
                        token  \(token)
                        It is shown this once. The agent's HTTPS_PROXY and HTTP_PROXY:
                        \(proxy)
                        """)
                }
                return .ok
            }
        })

    static let agentsList = Command(
        name: "agents list", summary: "list who may use the gate", options: ofAgents,
        details: """
            Agents that `tiergate agents add` made, those of the setting agents.tokens, and the accounts of this machine \
            whose programs need no token.
            """,
        examples: [Example("tiergate agents list", "names, never tokens")],
        run: { invocation in
            invocation.changingAgents { file, settings throws(StoreFailure) in
                let made = try file.read()
                let accounts =
                    ["\(Accounts.name(of: Accounts.effectiveUser))"] + settings.agentAccounts.map(\.name)
                if invocation.isJSON {
                    invocation.terminal.print(
                        json: JSONWriter.object { document in
                            document.array("agents") { array in
                                for token in made {
                                    array.object {
                                        $0.field("agent", token.agent.description)
                                        $0.field("created", token.created)
                                    }
                                }
                            }
                            document.array("of_settings", settings.agentTokens.map(\.agent))
                            document.array("accounts", accounts)
                        })
                    return .ok
                }
                for token in made {
                    invocation.terminal.print(
                        "\(Columns.padded(token.agent.description, 24))  token, made \(token.created)")
                }
                for token in settings.agentTokens {
                    invocation.terminal.print("\(Columns.padded(token.agent, 24))  token of the settings")
                }
                for account in accounts {
                    invocation.terminal.print("\(Columns.padded(account, 24))  account, without a token")
                }
                return .ok
            }
        })

    static let agentsRemove = Command(
        name: "agents remove", summary: "take an agent's token away",
        operands: [Operand(name: "NAME", help: "the agent, as `tiergate agents list` has it")], options: ofAgents,
        details: """
            Within a second its token is worth nothing and its open connections are closed. Its holds stay: approve or \
            reject them.
            """,
        examples: [Example("tiergate agents remove mailer", "also the first half of giving it another token")],
        run: { invocation in
            invocation.changingAgents { file, _ throws(StoreFailure) in
                let name = invocation.operands[0]
                guard try file.remove(AgentID(name)) else {
                    return invocation.fail(
                        .refused, "\(visible(name)) is no agent that `tiergate agents add` made",
                        help: "`tiergate agents list` has them; those of the settings are removed there")
                }
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object { $0.field("removed", name) })
                } else {
                    invocation.terminal.print("\(name) is no agent any more")
                }
                return .ok
            }
        })
}

extension Invocation {
    /// Opens the file of agents of the gate that runs with these settings.
    fileprivate func changingAgents(
        _ body: (AgentFile, Settings) throws(StoreFailure) -> ExitStatus
    ) -> ExitStatus {
        guard let settings = settings() else { return .usage }
        do throws(StoreFailure) {
            return try body(AgentFile(in: try StateDirectory(opening: settings.state)), settings)
        } catch {
            return fail(.failed, error.sentence)
        }
    }
}
