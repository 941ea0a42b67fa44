import Glibc
import Operators
import Rules
import System
import Testing

@testable import tiergate

@Suite struct GroupsFileTests {
    private func parse(_ text: String) throws -> OperatorGroups {
        try GroupsFile.parse(RuleSource(path: "groups.yaml", bytes: Array(text.utf8)))
    }

    @Test("accounts by name and number, signers, and groups that have nobody")
    func reads() throws {
        let groups = try parse(
            "groups:\n  finance: [root, uid:1002, signer:ada@example.com]\n  none: []\n  one: daemon\n")
        #expect(groups.names == ["finance", "none", "one"] && groups.file == "groups.yaml")
    }

    @Test(
        "what is wrong is said with its place, and nothing is loaded",
        arguments: [
            ("", "groups"), ("groups: [a]", "must be a mapping"), ("group: {}", "has no key group"),
            ("groups: {a: [root, root]}", "root is in a twice"), ("groups: {a: {b: c}}", "must be a list"),
            ("groups: {a: [no-such-account-here]}", "there is no account no-such-account-here"),
            ("groups: {a: [1002]}", "there is no account 1002"), ("groups: {a: [uid:-1]}", "there is no account"),
            ("groups: {a: [uid:4294967295]}", "there is no account"),
            ("groups: {a: ['signer:*']}", "there is no account"),
            ("groups: {'a b': [root]}", "no name for a group"), ("groups: {a: [root], a: [root]}", "a"),
            ("groups: {a: [root]}\nmore: 1", "has no key more"),
        ])
    func refuses(text: String, words: String) {
        do {
            _ = try parse(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect("\(error)".contains(words) && "\(error)".contains("groups.yaml"), "\(error)")
        }
    }

    @Test("no more groups, people and bytes than the limits name")
    func limits() throws {
        func many(_ count: Int, _ one: (Int) -> String) -> String { (0..<count).map(one).joined(separator: ", ") }
        #expect(throws: Never.self) {
            _ = try parse("groups: {a: [\(many(GroupsFile.mostMembers) { "uid:\($0)" })]}")
            _ = try parse("groups: {\(many(GroupsFile.mostGroups) { "g\($0): []" })}")
        }
        #expect(throws: GroupsFile.Refusal.self) {
            _ = try parse("groups: {a: [\(many(GroupsFile.mostMembers + 1) { "uid:\($0)" })]}")
        }
        #expect(throws: GroupsFile.Refusal.self) {
            _ = try parse("groups: {\(many(GroupsFile.mostGroups + 1) { "g\($0): []" })}")
        }
        let directory = try Files.makeTemporaryDirectory("tiergate-groups")
        defer { Files.remove(directory) }
        try Files.replace("\(directory)/large", with: Array(repeating: 0x20, count: GroupsFile.longest + 1))
        #expect(throws: IOError.self) { _ = try GroupsFile.read("\(directory)/large") }
    }

    @Test("a file that others may write decides nothing")
    func unsafe() throws {
        let directory = try Files.makeTemporaryDirectory("tiergate-groups")
        defer { Files.remove(directory) }
        let path = "\(directory)/groups.yaml"
        try Files.replace(path, with: Array("groups: {a: [root]}\n".utf8))
        #expect(try GroupsFile.read(path).names == ["a"])
        chmod(path, 0o664)
        #expect(throws: GroupsFile.Unsafe.self) { _ = try GroupsFile.read(path) }
    }
}
