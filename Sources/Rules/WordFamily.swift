/// What words in names say of a call that nobody has described yet; the same words as in the generic rules.
enum WordFamily: CaseIterable {
    case deletion, communication, financial, deploy, privilege, run

    /// Verbs, wherever they stand in a name.
    var verbs: Set<String> {
        switch self {
        case .deletion:
            [
                "delete", "destroy", "purge", "drop", "truncate", "erase", "wipe", "expunge", "obliterate", "nuke",
                "terminate", "uninstall", "unpublish", "prune", "decommission", "deprovision",
            ]
        case .communication: ["send", "resend", "broadcast", "publish", "tweet"]
        case .financial:
            [
                "pay", "payout", "payment", "transfer", "refund", "charge", "withdraw", "withdrawal", "purchase", "buy",
                "sell", "disburse", "remit", "donate", "trade", "swap",
            ]
        case .deploy:
            [
                "deploy", "redeploy", "undeploy", "rollback", "rollout", "promote", "failover", "migrate", "merge",
                "restart", "reboot", "shutdown", "poweroff",
            ]
        case .privilege:
            [
                "deactivate", "suspend", "grant", "revoke", "rotate", "invite", "impersonate", "chmod", "chown",
                "authorize", "elevate", "sudo", "share", "unshare",
            ]
        case .run:
            [
                "exec", "execute", "run", "eval", "evaluate", "invoke", "spawn", "shell", "bash", "cmd", "command",
                "terminal", "powershell", "script", "ssh", "python", "repl", "interpreter",
            ]
        }
    }

    /// Collections that a write at the end of a path adds to.
    var collections: Set<String> {
        switch self {
        case .deletion: []
        case .communication:
            [
                "email", "emails", "mail", "mails", "sms", "mms", "tweet", "tweets", "fax", "faxes", "newsletter",
                "newsletters",
            ]
        case .financial:
            [
                "payments", "payouts", "transfers", "refunds", "charges", "withdrawals", "purchases", "trades",
                "disbursements", "checkout", "checkouts",
            ]
        case .deploy: ["deployments", "deploys", "releases", "rollbacks", "migrations"]
        case .privilege:
            [
                "roles", "permissions", "members", "memberships", "collaborators", "invitations", "invites", "admins",
                "keys", "tokens", "secrets", "credentials", "policies", "webhooks", "hooks", "password", "mfa", "acl",
                "acls", "2fa", "sso", "saml", "scim", "security",
            ]
        case .run: ["commands", "scripts", "console"]
        }
    }

    /// The line of a rule file that says it.
    var weight: RuleProposal.Weight {
        switch self {
        case .deletion: .category("deletion")
        case .communication: .category("communication")
        case .financial: .category("financial")
        case .deploy: .category("deploy")
        case .privilege: .category("privilege")
        case .run: .tier(4)
        }
    }

    static let reads: Set<String> = [
        "search", "query", "list", "get", "find", "lookup", "preview", "validate", "validation", "verify", "check",
        "estimate", "simulate", "simulation", "status", "count", "quote", "calculate", "read", "show", "describe",
        "fetch",
        "view", "head", "diff", "log", "inspect", "retrieve",
    ]
    static let drafts: Set<String> = ["draft", "drafts", "archive", "unarchive"]

    /// Words that a harmless verb does not excuse: `getOrCreate`.
    static let writes: Set<String> = [
        "create", "update", "set", "add", "remove", "put", "write", "insert", "upsert", "modify", "change", "replace",
        "apply", "save", "edit", "enable", "disable", "reset", "submit", "cancel", "close", "start", "stop", "move",
        "rename", "upload", "sync", "clear", "install", "commit", "push",
    ]

    /// The words of a name: `sendMail`, `send_mail` and `mail:send` have two each.
    static func words(_ name: some StringProtocol) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var wasSmall = false
        for byte in name.utf8 {
            let isCapital = byte &- 0x41 < 26
            let isLetter = (byte | 0x20) &- 0x61 < 26
            if !isLetter || isCapital && wasSmall {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
            }
            if isLetter { word.append(byte | 0x20) }
            wasSmall = isLetter && !isCapital || byte &- 0x30 < 10
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    /// The first family that has one of these words.
    static func naming(_ words: [String]) -> (family: WordFamily, word: String)? {
        for word in words {
            for family in allCases where family.verbs.contains(word) { return (family, word) }
        }
        return nil
    }
}
