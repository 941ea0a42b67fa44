import Calls
import JSON
import Operators
import Rules
import System

/// The file of `operators.groups`, read as strictly as the settings.
///
///     groups:
///       finance: [ada, bob, uid:1002]
///       platform: [cyd, signer:dan@example.com]
enum GroupsFile {
    static let longest = 256 << 10
    static let mostGroups = 1000
    static let mostMembers = 1000

    /// A file that cannot be used, each reason with its place.
    struct Refusal: Error, CustomStringConvertible {
        let file: String
        let diagnostics: [Diagnostic]

        var description: String {
            (diagnostics.map(\.rendered) + ["\(file) (operators.groups) cannot be used"]).joined(separator: "\n")
        }
    }

    static func read(_ path: String) throws -> OperatorGroups {
        let bytes = try Files.read(path, limit: longest)
        guard Files.isOwnFile(path) else { throw Unsafe(file: path) }
        return try parse(RuleSource(path: path, bytes: bytes))
    }

    /// Whoever may write the file decides who decides.
    struct Unsafe: Error, CustomStringConvertible {
        let file: String

        var description: String {
            "\(file) (operators.groups) must be a file of root or of the gate's account that nobody else may write"
        }
    }

    static func parse(_ source: RuleSource) throws(Refusal) -> OperatorGroups {
        var reader = YAMLReader(source)
        var groups: [String: [OperatorGroups.Member]] = [:]
        let root = reader.document().flatMap { reader.mapping($0, "the file of groups", keys: ["groups"]) }
        if let root, let node = reader.required("groups", of: root) { groups = read(node, &reader) }
        guard !reader.hasErrors else { throw Refusal(file: source.path, diagnostics: reader.diagnostics) }
        return OperatorGroups(file: source.path, groups)
    }

    private static func read(
        _ node: YAMLNode, _ reader: inout YAMLReader
    ) -> [String: [OperatorGroups.Member]] {
        guard case .mapping(let entries) = node.content else {
            reader.report(
                .wrongKind, "groups must be a mapping of groups to their people", at: node.span,
                help: "for example {finance: [ada, bob, uid:1002]}")
            return [:]
        }
        guard entries.count <= mostGroups else {
            reader.report(.badValue, "groups has \(entries.count) groups; \(mostGroups) are taken", at: node.span)
            return [:]
        }
        var groups: [String: [OperatorGroups.Member]] = [:]
        for entry in entries {
            let name = entry.key.string
            guard isName(name) else {
                reader.report(
                    .badValue, "\(visible(name)) is no name for a group", at: entry.keySpan,
                    help: "1 to 64 letters, digits, dots, dashes and underscores, as rules have it under approvers")
                continue
            }
            groups[name] = members(of: name, entry.value, &reader)
        }
        return groups
    }

    /// A group may be empty: then nobody speaks for it, not even a group of the system.
    private static func members(
        of group: String, _ node: YAMLNode, _ reader: inout YAMLReader
    ) -> [OperatorGroups.Member] {
        if case .sequence(let elements) = node.content, elements.isEmpty { return [] }
        guard let nodes = reader.list(node, group) else { return [] }
        guard nodes.count <= mostMembers else {
            reader.report(.badValue, "\(group) has \(nodes.count) people; \(mostMembers) are taken", at: node.span)
            return []
        }
        var found: [OperatorGroups.Member] = []
        for node in nodes {
            guard let text = reader.text(node, group)?.string else { continue }
            guard let member = OperatorGroups.Member(text) else {
                reader.report(
                    .badValue, "there is no account \(visible(text)) on this machine", at: node.span,
                    help: "a name of `getent passwd`, uid:NUMBER, or signer:NAME for who signs behind an account that "
                        + "others share")
                continue
            }
            if found.contains(member) {
                reader.report(.badValue, "\(visible(text)) is in \(group) twice", at: node.span)
            }
            found.append(member)
        }
        return found
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}

extension OperatorGroups.Member {
    /// `ada`, `uid:1002`, `signer:dan`; nil where there is no such account.
    fileprivate init?(_ text: String) {
        if text.hasPrefix("uid:") {
            let digits = text.dropFirst(4)
            guard digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let uid = UInt32(digits), uid != .max else { return nil }
            self = .account(uid)
        } else if text.hasPrefix("signer:") {
            let name = String(text.dropFirst(7))
            guard SignedWords.isName(name) else { return nil }
            self = .signer(name)
        } else {
            // A bare number may be meant as one of two things.
            guard !text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let uid = Accounts.uid(named: text) else { return nil }
            self = .account(uid)
        }
    }
}
