import Calls
import Testing

@Suite("Scope: whom a stop, a cap or a grant is about")
struct ScopeTests {
    @Test("A scope reads back as it is written", arguments: ["everything", "agent:uid-1000", "session:uid-1000/r_7"])
    func reads(text: String) { #expect(Scope(text)?.description == text) }

    @Test("What is no scope is none", arguments: ["", "all", "agent:", "session:", "agent:a/b", "Agent:a"])
    func refuses(text: String) { #expect(Scope(text) == nil) }

    @Test("An agent's scope has all its runs and nobody else's")
    func contains() {
        let scope = Scope.agent(AgentID("a"))
        #expect(scope.contains(SessionID("a")) && scope.contains(SessionID("a/1")))
        #expect(!scope.contains(SessionID("ab")) && !scope.contains(SessionID("b/a")))
        #expect(Scope.session(SessionID("a/1")).contains(SessionID("a/1")))
        #expect(!Scope.session(SessionID("a/1")).contains(SessionID("a/2")))
        #expect(Scope.everything.contains(SessionID("b")))
    }
}
