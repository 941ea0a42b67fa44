import Calls
import JSON
import Proxy
import Rules

/// The keys that say who may use the gate, and how much one agent may take.
extension Setting {
    static let sessions: [Setting] = [
        Setting(
            path: "agents.accounts", value: "ACCOUNT",
            reason:
                "Accounts of this machine, by name or uid, whose programs may use the gate without a token; each is an"
                + " agent of its own. The gate's own account is one of them.",
            shape: .list,
            read: { node, reader, settings in reader.accounts(node).map { settings.agentAccounts = $0 } },
            written: { $0.agentAccounts.map(\.name) }),
        Setting(
            path: "agents.tokens", value: "NAME=PROOF",
            reason:
                "Agents that prove themselves with a token of the site's own: sha256: and the token's hash, or a file"
                + " with the token (mode 0600). `tiergate agents add` makes agents without this.",
            shape: .mapping,
            read: { node, reader, settings in reader.tokens(node).map { settings.agentTokens = $0 } },
            written: { $0.agentTokens.map { "\(quoted($0.agent)): \(quoted($0.written))" } }),
        Setting(
            path: "agents.autonomy", value: "LEVEL",
            reason:
                "How freely agents may act, for rules that ask for agent.autonomy: supervised, constrained, monitored or"
                + " full. By itself it lets nothing pass. none: nobody says, and such rules count.",
            completion: .words(Autonomy.allCases.map(\.rawValue) + ["none"]),
            read: { node, reader, settings in
                guard let word = reader.yaml.text(node, "agents.autonomy")?.string else { return }
                if word == "none" { return settings.agentAutonomy = nil }
                if let level = Autonomy(rawValue: word) { return settings.agentAutonomy = level }
                reader.yaml.report(
                    .badValue, "there is no level of autonomy \(visible(word))", at: node.span, help: Autonomy.help)
            },
            written: { [$0.agentAutonomy?.rawValue ?? "none"] }),
        Setting(
            path: "session.max_connections", value: "NUMBER",
            reason:
                "Open connections of one agent. auto: seven times what is left free of all, so that one agent leaves an"
                + " eighth to the others.",
            read: { node, reader, settings in
                reader.number(node, "session.max_connections", in: 1...1_000_000, word: "auto")
                    .map { settings.sessionLimits.maxConnections = $0 }
            },
            written: { [$0.sessionLimits.maxConnections.map(String.init) ?? "auto"] }),
        Setting(
            path: "session.max_body_memory", value: "SIZE",
            reason: "Memory that the bodies of one agent's calls have together; all agents share 512 MiB.",
            read: { node, reader, settings in
                reader.size(node, "session.max_body_memory", in: 1 << 16...1 << 40)
                    .map { settings.sessionLimits.maxBodyMemory = $0 }
            },
            written: { [Size.spelling($0.sessionLimits.maxBodyMemory)] }),
        Setting(
            path: "session.rate", value: "NUMBER",
            reason:
                "Calls a second of one agent. unlimited: as fast as it can. What comes too soon is kept up to 1 s, then"
                + " refused with 429.",
            completion: .words(["unlimited"]),
            read: { node, reader, settings in
                reader.number(node, "session.rate", in: 1...1_000_000, word: "unlimited")
                    .map { settings.sessionLimits.rate = $0 }
            },
            written: { [$0.sessionLimits.rate.map(String.init) ?? "unlimited"] }),
        Setting(
            path: "session.burst", value: "NUMBER",
            reason: "Calls that may come at once before session.rate counts. auto: those of a second.",
            read: { node, reader, settings in
                reader.number(node, "session.burst", in: 1...1_000_000, word: "auto")
                    .map { settings.sessionLimits.burst = $0 }
            },
            written: { [$0.sessionLimits.burst.map(String.init) ?? "auto"] }),
    ]
}

extension Autonomy {
    static let help = "levels are \(allCases.map(\.rawValue).joined(separator: ", "))"
}
