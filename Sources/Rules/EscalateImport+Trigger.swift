extension EscalateImport {
    /// What the convention escalates, by its own words.
    enum Trigger: String, CaseIterable {
        case deploy = "deploy_to_production"
        case communication = "send_external_communication"
        case financial = "financial_transaction"
        case deletion = "delete_data"
        case privilege = "privilege_change"
        case integration = "new_third_party_integration"

        /// Words that people write instead.
        private var signs: Set<String> {
            switch self {
            case .deploy: ["deploy", "deployment", "deployments", "production", "release"]
            case .communication: ["communication", "communications", "send", "email", "emails", "message", "post"]
            case .financial: ["financial", "payment", "payments", "transaction", "billing", "purchase", "refund"]
            case .deletion: ["delete", "deletion", "destroy", "drop", "purge"]
            case .privilege: ["privilege", "privileges", "permission", "permissions", "access", "role", "grant"]
            case .integration: ["integration", "integrations"]
            }
        }

        init?(_ name: String) {
            let words = WordFamily.words(name)
            let found =
                Self(rawValue: name) ?? Self.allCases.first { trigger in words.contains(where: trigger.signs.contains) }
            guard let found else { return nil }
            self = found
        }

        private var family: WordFamily {
            switch self {
            case .deploy: .deploy
            case .communication: .communication
            case .financial: .financial
            case .deletion: .deletion
            case .privilege, .integration: .privilege
            }
        }

        private var verbs: [String] { self == .integration ? ["integrate", "install"] : family.verbs.sorted() }

        private var collections: [String] {
            self == .integration
                ? ["apps", "connections", "installations", "integrations", "plugins"] : family.collections.sorted()
        }

        var rules: [RuleProposal] {
            let word = self == .integration ? "integration" : "\(family)"
            let ground = "\(rawValue), known by words; say which calls they are where you can"
            let small = verbs.joined(separator: "|")
            let large = verbs.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "|")
            var path =
                "request.path.matches('/([^/]*[^A-Za-z/])?(?i:\(small))([^a-z/][^/]*)?/?$"
                + "|/[^/]*[a-z0-9](\(large))([^a-z/][^/]*)?/?$|/(?i:\(small))/[^/]+/?$')"
            if !collections.isEmpty {
                path =
                    "(\(path) || request.path.matches('(?i)/([^/]*[-_])?(\(collections.joined(separator: "|")))/?$'))"
            }
            let harmless = [
                "search", "query", "list", "preview", "validate", "estimate", "simulate", "status", "count",
            ]
            path += " && !request.path.matches('/(?i:\(harmless.joined(separator: "|")))/?$')"
            let tool = "mcp.tool.matches('(^|[^A-Za-z])(?i:\(small))([^a-z]|$)|[a-z0-9](\(large))([^a-z]|$)')"
            var rules = [
                RuleProposal(
                    id: "\(word).call", weight: family.weight, ground: ground, match: "{method: [POST, PUT, PATCH]}",
                    when: path,
                    call: .http(method: "POST", host: "service.example", segments: ["v1", verbs[0]])),
                RuleProposal(
                    id: "\(word).tool", weight: family.weight, ground: ground, match: "{mcp: {tool: \"*\"}}",
                    when: tool,
                    call: .tool(server: "any", name: "\(verbs[0])_it")),
            ]
            if self == .deletion {
                rules.append(
                    RuleProposal(
                        id: "deletion.method", weight: family.weight, ground: ground, match: "{method: DELETE}",
                        call: .http(method: "DELETE", host: "service.example", segments: ["v1", "things"])))
            }
            return rules
        }
    }
}
