import Calls
import JSON

/// The open convention ESCALATE.md (https://escalate.md, version 1.0) to a pack.
///
/// The convention names kinds of action and not calls, so its rules know them by the words in paths and names of tools.
enum EscalateImport {
    /// The lines that are settings, everything else blank, so that lines keep their numbers.
    static func settings(in source: RuleSource) -> RuleSource {
        var isInside = false
        let lines = source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            line -> ArraySlice<UInt8> in
            let key = line.prefix { $0 &- 0x61 < 26 || $0 == UInt8(ascii: "_") }
            let rest = line.dropFirst(key.count)
            let isKey =
                !key.isEmpty && rest.first == UInt8(ascii: ":")
                && rest.dropFirst().first.map { $0 == 0x20 || $0 == 0x0D } ?? true
            let isBelow = line.first == 0x20 || line.starts(with: "- ".utf8) || line.allSatisfy { $0 <= 0x20 }
            isInside = isKey || isInside && isBelow
            return isInside ? line : []
        }
        return RuleSource(path: source.path, bytes: Array(lines.joined(separator: [0x0A])), standing: source.standing)
    }

    static func draft(_ source: inout ImportSource, _ options: RuleImport.Options) -> PackDraft? {
        let root = source.isBlank ? nil : source.yaml.document(limits: ImportSource.yamlLimits)
        guard root != nil || source.isBlank else { return nil }
        guard let root, let triggers = root["always_escalate"], !triggers.elements.isEmpty else {
            source.yaml.report(
                .missingKey, "there are no triggers",
                at: (root?["always_escalate"] ?? root)?.span ?? SourceSpan(line: 1, column: 1),
                help: "the convention lists them under always_escalate:, for example - delete_data")
            return nil
        }
        var draft = PackDraft(name: options.pack ?? "escalate-md", origin: source.yaml.file.path)
        readChannels(root["channels"], &draft)
        readTimes(root, &source, &draft)
        var kinds: [Trigger] = []
        for trigger in triggers.elements {
            if let name = trigger.text {
                guard let kind = Trigger(name) else {
                    draft.remarks.append(
                        "the trigger \(name) has no words that calls could be known by: write its rule")
                    continue
                }
                if !kinds.contains(kind) { kinds.append(kind) }
            }
            for member in trigger.members { readCost(member, &source, &draft) }
        }
        for entry in root["auto_approve"]?.elements ?? [] {
            if let name = entry.text {
                draft.remarks.append("auto_approve has \(name): an import lowers nothing, packs say what passes")
            }
        }
        for kind in kinds { for rule in kind.rules { draft.add(rule) } }
        guard !draft.rules.isEmpty else {
            source.yaml.report(
                .badValue, "no trigger could be made into a rule", at: triggers.span,
                help: "those of the convention are \(Trigger.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return draft
    }

    /// The first channel is asked; the convention tries the others when nobody answers, so they are told.
    private static func readChannels(_ node: YAMLNode?, _ draft: inout PackDraft) {
        let channels = (node?.elements ?? []).enumerated().sorted { a, b in
            (rank(a.element), a.offset) < (rank(b.element), b.offset)
        }
        var groups: [String] = []
        for (_, channel) in channels {
            let address = channel["address"]?.text.map { String($0.prefix { $0 != "@" }) }
            guard let spelled = address ?? channel["channel"]?.text ?? channel["type"]?.text else { continue }
            let group = PackDraft.identifier(spelled.contains("$") ? channel["type"]?.text ?? "" : spelled)
            if !groups.contains(group) { groups.append(group) }
        }
        guard let first = groups.first else { return }
        draft.defaults.append(("approvers", "[\(first)]"))
        let others = groups.dropFirst().joined(separator: ", ")
        if !others.isEmpty { draft.defaults.append(("notify", "[\(others)]")) }
        draft.remarks.append("channels became groups of operators, \(first) to decide: give them members")
    }

    private static func rank(_ channel: YAMLNode) -> Int { channel["priority"]?.text.flatMap { Int($0) } ?? .max }

    private static func readTimes(_ root: YAMLNode, _ source: inout ImportSource, _ draft: inout PackDraft) {
        let channels = root["channels"]?.elements ?? []
        if let node = root["approval_timeout_minutes"] {
            guard let minutes = minutes(node, &source) else { return }
            draft.defaults.append(("decide_within", "\(minutes)m"))
        } else {
            let waits = channels.compactMap { $0["timeout_minutes"] }.compactMap { minutes($0, &source) }
            let sum = waits.reduce(0, +)
            if (1...999_999).contains(sum) { draft.defaults.append(("decide_within", "\(sum)m")) }
        }
        if let word = root["on_timeout"]?.text, !word.hasPrefix("halt"), !word.hasPrefix("deny") {
            draft.remarks.append("on_timeout is \(word): here what nobody decides in time is refused, and nothing else")
        }
    }

    private static func minutes(_ node: YAMLNode, _ source: inout ImportSource) -> Int? {
        if let number = node.text.flatMap({ Int($0) }), (1...99_999).contains(number) { return number }
        source.yaml.report(
            .badValue, "a timeout must be a whole number of minutes, 1 to 99999", at: node.span, help: "for example 30")
        return nil
    }

    private static func readCost(
        _ member: YAMLNode.Member, _ source: inout ImportSource, _ draft: inout PackDraft
    ) {
        let prefix: Text = "cost_exceeds_"
        guard member.key.hasPrefix(prefix) else {
            draft.remarks.append("the trigger \(member.key) is not known: write its rule")
            return
        }
        let currency = Text(String(member.key.string.dropFirst(prefix.utf8.count))).asciiUppercased
        guard let amount = member.value.text, Money(Text("\(amount) \(currency)")) != nil else {
            source.yaml.report(
                .badValue, "this is no amount of \(visible(currency.string))", at: member.value.span,
                help: "for example cost_exceeds_usd: 100.00")
            return
        }
        draft.defaults.append(("threshold", "\(amount) \(currency)"))
        draft.remarks.append(
            "the threshold counts where a rule of this pack has money, which says where the amount stands")
    }
}
