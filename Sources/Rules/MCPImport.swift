import Calls
import JSON

/// The answer of a server to tools/list, to a pack with a rule for each tool.
///
/// Annotations are what the server says of itself: they raise, and lower only where the site trusts it.
enum MCPImport {
    static func draft(_ source: inout ImportSource, _ options: RuleImport.Options) -> PackDraft? {
        guard let root = source.document() else { return nil }
        let result = root["result"] ?? root
        let tools = (result["tools"] ?? result).elements
        guard !tools.isEmpty else {
            source.yaml.report(
                .missingKey, "there is no list of tools", at: root.span,
                help: "it is the answer to tools/list: {\"tools\": [{\"name\": …}]}")
            return nil
        }
        let pack = options.pack ?? "mcp-server"
        let server = options.server ?? pack
        var draft = PackDraft(name: pack, origin: "the tools of \(server), \(source.yaml.file.path)")
        draft.servers = [server]
        if options.pack == nil, options.server == nil {
            draft.remarks.append("mcp-server stands for the name that the site has for the server")
        }
        if result["nextCursor"]?.text != nil {
            draft.remarks.append("the answer has a nextCursor: more tools follow, which are not here")
        }
        var names: Set<Text> = []
        for tool in tools {
            guard let name = tool["name"]?.text else {
                source.yaml.report(
                    .missingKey, "a tool needs a name", at: tool.span, help: "the answer to tools/list has one for each"
                )
                continue
            }
            guard names.insert(Text(name)).inserted else {
                source.yaml.report(
                    .badValue, "the tool \(visible(name)) stands here a second time",
                    at: (tool["name"] ?? tool).span, help: "two tools of one name cannot be told apart: keep one")
                continue
            }
            guard !name.contains("*"), VisibleText.show(name) == name else {
                draft.remarks.append("the tool \(visible(name)) has a name that no rule can say, and was left out")
                continue
            }
            draft.add(proposal(name, tool, server, isTrusted: options.trustsAnnotations))
        }
        guard !draft.rules.isEmpty else {
            if !source.yaml.hasErrors {
                source.yaml.report(
                    .badName, "no tool has a name that a rule can say", at: root.span,
                    help: "names with * or with characters that cannot be seen are left out")
            }
            return nil
        }
        return draft
    }

    private static func proposal(_ name: String, _ tool: YAMLNode, _ server: String, isTrusted: Bool) -> RuleProposal {
        let hints = tool["annotations"]
        var (weight, ground) = RuleProposal.weigh(
            isRead: false, isDelete: false, names: WordFamily.words(name), tail: [])
        if weight == .tier(1) { ground = "its name says that it reads" }
        if isTrusted, hint("readOnlyHint", hints) == true {
            (weight, ground) = (.tier(1), "annotated as read-only, which you said to trust")
        } else if isTrusted, hint("destructiveHint", hints) == false, hint("openWorldHint", hints) == false,
            weight == .tier(3)
        {
            (weight, ground) = (.tier(2), "annotated as not destructive and closed, which you said to trust")
        }
        if hint("destructiveHint", hints) == true, weight.tier < 4 {
            (weight, ground) = (.tier(4), "annotated as destructive")
        } else if hint("readOnlyHint", hints) == false, weight.tier == 1 {
            (weight, ground) = (.tier(3), "\(ground), and it is annotated as not read-only")
        } else if hint("openWorldHint", hints) == true, weight.tier == 2 {
            (weight, ground) = (.tier(3), "\(ground), and it is annotated as reaching outside")
        }
        let title = hints?["title"]?.text ?? tool["title"]?.text ?? tool["description"]?.text
        return RuleProposal(
            id: name, title: title.map { String($0.prefix { !$0.isNewline }.prefix(100)) }, weight: weight,
            ground: ground, match: "{mcp: {server: \(PackDraft.scalar(server)), tool: \(PackDraft.scalar(name))}}",
            call: .tool(server: server, name: name))
    }

    private static func hint(_ key: Text, _ hints: YAMLNode?) -> Bool? {
        switch hints?[key]?.text {
        case "true": true
        case "false": false
        default: nil
        }
    }
}
