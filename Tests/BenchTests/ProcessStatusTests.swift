import Glibc
import Testing

@testable import tiergate_bench

@Suite struct ProcessStatusTests {
    @Test("a line of /proc is read whatever the program is called")
    func line() throws {
        let status = try #require(
            ProcessStatus("42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 3 4 20 0 1 0 5555 1000 200\n"))
        #expect(status.pid == 42)
        #expect(status.parent == 7)
        #expect(status.ticks == 37)
        #expect(status.started == 5555)
    }

    @Test("what is no such line is none", arguments: ["", "42", "42 (sh) S 7", ") 42 ("])
    func others(text: String) { #expect(ProcessStatus(text) == nil) }

    @Test("this very process is in its own tree, and uses memory")
    func own() {
        let tree = ProcessTree(of: getpid())
        #expect(tree.members.contains { $0.pid == getpid() })
        #expect(tree.residentBytes > 1 << 20)
    }
}
