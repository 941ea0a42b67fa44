import Calls
import JSON

/// A pack that an import proposes, as text for people to go on with.
struct PackDraft {
    let name: String
    /// What it was made from: `openapi.yaml, Petstore 1.0`.
    let origin: String
    /// About the whole pack, a line each.
    var remarks: [String] = []
    var hosts: [String] = []
    var servers: [String] = []
    var defaults: [(key: String, value: String)] = []
    private(set) var rules: [RuleProposal] = []
    private var ids: Set<String> = []

    init(name: String, origin: String) {
        self.name = name
        self.origin = origin
    }

    /// Takes a rule in, under an id that no other has.
    mutating func add(_ rule: RuleProposal) {
        var rule = rule
        let wanted = Self.identifier(rule.id, limit: 100 - name.utf8.count)
        rule.id = wanted
        var number = 2
        while !ids.insert(rule.id).inserted {
            rule.id = "\(wanted)-\(number)"
            number += 1
        }
        rules.append(rule)
    }

    var text: String {
        var lines = [
            "# Proposed from \(comment(origin)).",
            "# Tiers are guessed from methods, names and annotations. Look at each line marked review, then remove the mark.",
        ]
        lines += remarks.map { "# review: \(comment($0))" }
        lines += ["tiergate: 1", "pack: \(name)", "version: 0.1.0"]
        if !hosts.isEmpty { lines.append("hosts: \(Self.list(hosts))") }
        if !servers.isEmpty { lines.append("mcp: \(Self.list(servers))") }
        if !defaults.isEmpty {
            lines.append("defaults: {\(defaults.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}")
        }
        lines += ["", "rules:"]
        var tests: [String] = []
        let index = index
        for rule in rules {
            let winners = rule.call.map { self.winners($0, index) } ?? []
            lines += self.lines(of: rule, winners)
            if let call = rule.call { tests += test(of: call, winners) }
        }
        if !tests.isEmpty { lines += ["tests:"] + tests }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of rule: RuleProposal, _ stricter: [RuleProposal]) -> [String] {
        var lines = ["  - id: \(name).\(rule.id)"]
        if let title = rule.title { lines.append("    title: \(Self.scalar(title))") }
        lines.append("    match: \(rule.match)")
        if let when = rule.when { lines += ["    when: >-", "      \(when)"] }
        switch rule.weight {
        case .tier(let tier): lines.append("    tier: \(tier)  # review: \(comment(rule.ground))")
        case .category(let word): lines.append("    category: \(word)  # review: \(comment(rule.ground))")
        }
        if let other = stricter.first, !stricter.contains(where: { $0.id == rule.id }) {
            lines.append("    # review: \(name).\(other.id) matches these calls too and is stricter, so it counts")
        }
        lines += rule.remarks.map { "    # review: \(comment($0))" }
        return lines + [""]
    }

    /// Rules overlap where a name stands in one path and a literal in another; the strictest counts.
    private func test(of call: RuleProposal.Call, _ winners: [RuleProposal]) -> [String] {
        let ids = winners.map { "\(name).\($0.id)" }.joined(separator: ", ")
        let line =
            switch call {
            case .http(let method, let host, let segments):
                "{method: \(method), url: \(Self.scalar("https://\(host)/\(segments.joined(separator: "/"))", isQuoted: true))}"
            case .tool(let server, let tool):
                "{mcp: {server: \(Self.scalar(server)), tool: \(Self.scalar(tool))}}"
            }
        return ["  - call: \(line)", "    expect: {tier: \(winners.first?.weight.tier ?? 1), rules: [\(ids)]}"]
    }

    /// The rules that decide a call: the strictest of those that fit.
    private func winners(_ call: RuleProposal.Call, _ index: [String: [Int]]) -> [RuleProposal] {
        let fitting = call.keys.flatMap { index[$0] ?? [] }.map { rules[$0] }.filter { $0.fits(call) }
        let tier = fitting.reduce(1) { max($0, $1.weight.tier) }
        return fitting.filter { $0.weight.tier == tier }
    }

    /// Rules by what a call of theirs ends with: descriptions have thousands of paths, and few that overlap.
    private var index: [String: [Int]] {
        var index: [String: [Int]] = [:]
        for (number, rule) in rules.enumerated() {
            for key in rule.keys { index[key, default: []].append(number) }
        }
        return index
    }

    private func comment(_ text: String) -> String { visible(text, limit: 200) }

    static func list(_ texts: [String]) -> String {
        texts.count == 1 ? scalar(texts[0]) : "[\(texts.map { scalar($0) }.joined(separator: ", "))]"
    }

    /// A text that every reader of YAML takes for this text.
    static func scalar(_ text: String, isQuoted: Bool = false) -> String {
        let text = isQuoted ? text : VisibleText.show(text)
        let isPlain =
            !isQuoted && text != "null"
            && text.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "._/-".utf8.contains($0) }
            && text.utf8.first.map { ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "/") } == true
        if isPlain { return text }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// A text as an id: small letters, digits and dashes.
    static func identifier(_ text: some StringProtocol, limit: Int = 64) -> String {
        var id: [UInt8] = []
        var wasSmall = false
        for byte in text.utf8 {
            let isCapital = byte &- 0x41 < 26
            let isName = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: ".")
            if isCapital && wasSmall || !isName, let last = id.last, last != 0x2D, last != UInt8(ascii: ".") {
                id.append(0x2D)
            }
            if isName { id.append(isCapital ? byte | 0x20 : byte) }
            wasSmall = byte &- 0x61 < 26 || byte &- 0x30 < 10
        }
        id = Array(id.prefix(max(8, limit)))
        while let last = id.last, last == 0x2D || last == UInt8(ascii: ".") { id.removeLast() }
        return id.isEmpty ? "unnamed" : String(decoding: id, as: UTF8.self)
    }
}
