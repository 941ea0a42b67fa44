import Glibc
import Holds
import System
import Testing

@testable import Operators

@Suite struct AccessTests {
    @Test(
        "root, the gate's own account and the group may decide",
        arguments: [
            (0, [0], true), (1000, [1000], true), (1001, [50], true), (1001, [4, 50, 1001], true),
            (1001, [4, 1001], false), (1001, [], false), (1001, [0, 1000], false),
        ] as [(UInt32, Set<UInt32>, Bool)])
    func mayDecide(uid: UInt32, groups: Set<UInt32>, may: Bool) {
        #expect(Access(owner: 1000, group: "tiergate", gid: 50).mayDecide(uid: uid, groups: groups) == may)
    }

    @Test("a group that is not there has no members", arguments: [nil, "no-such-group-here"] as [String?])
    func noGroup(name: String?) {
        let access = Access(owner: 1000, group: name)
        #expect(!access.mayDecide(uid: 1001, groups: [1001, UInt32.max]))
        #expect(access.mayDecide(uid: 1000, groups: []))
    }

    @Test("who may not is told what to do")
    func advice() {
        #expect(Access(owner: 0, group: "ops", gid: 5).advice(to: "eve").contains("sudo usermod -aG ops eve"))
        #expect(Access(owner: 0, group: nil, gid: nil).advice(to: "eve").contains("operator.group"))
    }

    // MARK: Groups

    private static func peer(_ uid: UInt32, _ name: String, _ groups: Set<UInt32> = []) -> Peer {
        Peer(person: Operator(uid: uid, name: name), groups: groups)
    }

    private static func access(_ groups: [String: [OperatorGroups.Member]]?) -> Access {
        let kept = groups.map { GroupsInForce(OperatorGroups(file: "/etc/tiergate/groups.yaml", $0)) }
        return Access(owner: 990, group: "tiergate", gid: 50, groups: kept)
    }

    @Test("where no groups are kept whoever may decide speaks for each; where they are, only whom they name")
    func entitlement() {
        let free = Self.access(nil)
        #expect(free.entitlement(of: Self.peer(1001, "ada"), signingAs: nil, on: ["finance"]) == .everyGroup)
        let kept = Self.access(["finance": [.account(1001)], "platform": [.account(1002), .signer("dan")]])
        func speaks(_ uid: UInt32, _ name: String, _ signer: String? = nil) -> Entitlement {
            kept.entitlement(of: Self.peer(uid, name, [50]), signingAs: signer, on: ["finance", "platform"])
        }
        #expect(speaks(1001, "ada") == .groups(["finance"]))
        #expect(speaks(1002, "bob") == .groups(["platform"]))
        #expect(speaks(0, "root") == .groups([]))
        #expect(speaks(1001, "ada", "dan") == .groups(["finance", "platform"]))
        // Behind an account that people share a signer is himself alone.
        #expect(speaks(0, "root", "dan") == .groups(["platform"]))
        #expect(speaks(990, "gate", "eve") == .groups([]))
    }

    @Test("a group that the file does not have is the system's, by the kernel's word; one that it has is not")
    func systemGroups() throws {
        let gid = try #require(Accounts.group(named: "daemon"))
        let member = Self.peer(1001, "nobody-here", [gid, 50])
        let open = Self.access(["finance": []])
        #expect(open.entitlement(of: member, signingAs: nil, on: ["daemon"]) == .groups(["daemon"]))
        #expect(
            open.entitlement(of: Self.peer(1001, "x", [50]), signingAs: nil, on: ["daemon"]) == .groups([]))
        let closed = Self.access(["daemon": []])
        #expect(closed.entitlement(of: member, signingAs: nil, on: ["daemon"]) == .groups([]))
        // A signer behind a shared account does not get what that account has.
        let root = Self.peer(0, "root", [gid])
        #expect(open.entitlement(of: root, signingAs: nil, on: ["daemon"]) == .groups(["daemon"]))
        #expect(open.entitlement(of: root, signingAs: "dan", on: ["daemon"]) == .groups([]))
    }

    @Test(
        "whom the file names may decide what his group is asked for, and nothing else; the system's groups let nobody in"
    )
    func namedPerson() throws {
        let gid = try #require(Accounts.group(named: "daemon"))
        let access = Self.access(["finance": [.account(1001)]])
        let ada = Self.peer(1001, "ada", [gid])
        #expect(access.mayDecide(ada, signingAs: nil, on: ["finance", "platform"]))
        #expect(!access.mayDecide(ada, signingAs: nil, on: []))
        #expect(!access.mayDecide(ada, signingAs: nil, on: ["platform", "daemon"]))
        #expect(!access.mayDecide(uid: 1001, groups: [gid]))
        #expect(access.mayDecide(Self.peer(1002, "bob", [50]), signingAs: nil, on: []))
    }

    @Test("who speaks for no group is told how to, and that a group has nobody")
    func groupAdvice() {
        let access = Self.access(["finance": []])
        let known = access.advice(to: "ada", on: ["finance"])
        #expect(known.contains("`finance: [ada]`") && known.contains("/etc/tiergate/groups.yaml"))
        #expect(!known.contains("nobody"))
        #expect(access.advice(to: "ada", on: ["no-such-group"]).contains("no-such-group has nobody"))
    }
}
