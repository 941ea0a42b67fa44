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
}
