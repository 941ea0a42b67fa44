import Calls
import JSON
import Rules
import Stores
import System

/// Who may use the gate, as settings say it.
extension SettingsReader {
    mutating func accounts(_ node: YAMLNode) -> [Settings.Account]? {
        guard let names = texts(node, "agents.accounts") else { return nil }
        let accounts = names.compactMap { name -> Settings.Account? in
            if let uid = Accounts.uid(named: name.string) { return Settings.Account(name: name.string, uid: uid) }
            yaml.report(
                .badValue, "there is no account \(visible(name.string)) on this machine", at: node.span,
                help: "a name of `getent passwd`, or a uid")
            return nil
        }
        return accounts.count == names.count ? accounts : nil
    }

    mutating func tokens(_ node: YAMLNode) -> [Settings.Token]? {
        guard case .mapping(let members) = node.content else {
            yaml.report(
                .wrongKind, "agents.tokens must be a mapping of names to hashes or files", at: node.span,
                help: "for example {mailer: /etc/tiergate/mailer.token}")
            return nil
        }
        let tokens = members.compactMap { member -> Settings.Token? in
            let name = member.key.string
            guard AgentToken.isName(name) else {
                yaml.report(
                    .badValue, "\(visible(name)) is no name for an agent", at: member.keySpan, help: AgentToken.naming)
                return nil
            }
            // Not repeated in what is said of it: it may be the token.
            guard let text = yaml.text(member.value, "agents.tokens")?.string, let proof = proof(text) else {
                yaml.report(
                    .badValue, "what proves \(name) is neither a hash nor a file", at: member.value.span,
                    help: "sha256: and 64 hexadecimal digits (`printf %s TOKEN | sha256sum`), or the path of a file; a"
                        + " token itself does not belong into settings")
                return nil
            }
            return Settings.Token(agent: name, proof: proof)
        }
        return tokens.count == members.count ? tokens : nil
    }

    private func proof(_ text: String) -> Settings.Token.Proof? {
        if text.hasPrefix("sha256:") { return Digest(hexadecimal: text.dropFirst(7)).map { .hash($0) } }
        return text.hasPrefix("/") || text.hasPrefix("./") ? .file(absolute(text)) : nil
    }

    /// A number, or nil where the word stands for that there is none.
    mutating func number(
        _ node: YAMLNode, _ what: String, in range: ClosedRange<Int>, word: Text
    ) -> Int?? {
        if case .scalar(let text, _) = node.content, text == word { return .some(nil) }
        return yaml.integer(node, what, in: range).map { .some($0) }
    }
}

extension AgentToken {
    static let naming =
        "1 to 64 small letters, digits, dots, dashes and underscores; not uid-… or at-…, which"
        + " are accounts and addresses"
}
