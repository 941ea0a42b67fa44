import Calls
import Holds
import JSON
import System
import Testing

@testable import Proxy

/// What an agent asks of the gate itself, in a whole gate.
@Suite(.serialized) struct AgentDeskTests {
    static let held = FailClosedTests.request

    private func ask(_ gate: LiveGate, _ method: String, _ path: String, _ body: String? = nil, _ fields: String = "")
        throws -> (status: String, json: JSONNode)
    {
        let content = body.map {
            "Content-Length: \($0.utf8.count)\r\n" + (fields.isEmpty ? "Content-Type: application/json\r\n" : "")
        }
        let text = try gate.ask(
            "\(method) http://tiergate.internal\(path) HTTP/1.1\r\nHost: tiergate.internal\r\nConnection: close\r\n"
                + "\(fields)\(content ?? "")\r\n\(body ?? "")")
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let status = String(text.dropFirst(9).prefix(3))
        return (status, try JSONDocument.parse(Array((parts.count > 1 ? parts[1] : "null").utf8)).root)
    }

    private func gate() throws -> LiveGate { try LiveGate(try Upstream(FailClosedTests.answer)) { $0.wait = 60_000 } }

    private func waiting(_ gate: LiveGate) throws -> (agent: Agent, hold: Hold) {
        let agent = try gate.agent()
        agent.send(AgentDeskTests.held)
        let hold = try gate.hold("pending")
        _ = try eventually("a waiting agent") { gate.server.gate.isAwaited(hold.id) ? true : nil }
        return (agent, hold)
    }

    private let ada = Operator(uid: 1, name: "ada")

    private func question(_ gate: LiveGate, _ hold: Hold) throws {
        _ = try wait { [server = gate.server, ada] in
            try await server.gate.ask(hold.id, digest: hold.digest, "Which customer?", by: ada, as: .everyGroup)
        }
    }

    @Test("a question reaches an agent that waits at once; it answers, sends the call again, and it goes when approved")
    func question() throws {
        let gate = try gate()
        let (agent, hold) = try waiting(gate)
        try question(gate, hold)
        let told = agent.read(until: "hold_url")
        #expect(told.hasPrefix("HTTP/1.1 423 Question about \(hold.id) - NOT executed\r\n"), "\(told)")
        #expect(told.contains("Which customer?") && !told.contains("ada"))
        // It would wait for nothing.
        let once = AgentDeskTests.held.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n")
        #expect(try gate.ask(once).hasPrefix("HTTP/1.1 423 Question"))
        let path = "/v1/holds/\(hold.id)"
        #expect(try ask(gate, "GET", path).json["question"]?.text == "Which customer?")
        let answered = try ask(gate, "POST", "\(path)/answer", #"{"answer": "Ann"}"#)
        #expect(answered.status == "200" && answered.json["question"] == nil)
        #expect(try gate.line("hold.answer").contains("Ann"))
        #expect(try ask(gate, "POST", "\(path)/answer", #"{"answer": "Bob"}"#).status == "409")
        let again = try gate.agent()
        again.send(AgentDeskTests.held)
        _ = try eventually("it waits again") { gate.server.gate.isAwaited(hold.id) ? true : nil }
        try gate.approve()
        #expect(again.read(until: "ok").hasPrefix("HTTP/1.1 200"))
    }

    @Test("a call that its agent takes back is told so where it waits, and is never sent")
    func withdrawal() throws {
        let gate = try gate()
        let (agent, hold) = try waiting(gate)
        let taken = try ask(gate, "DELETE", "/v1/holds/\(hold.id)")
        #expect(taken.status == "200" && taken.json["state"]?.text == "withdrawn")
        #expect(agent.read(until: "hold_url").contains("423 Taken back"))
        #expect(try gate.line("hold.withdrawn").contains(hold.id.description))
        #expect(try ask(gate, "DELETE", "/v1/holds/\(hold.id)").status == "409")
        #expect(gate.upstream.connections == 0)
    }

    @Test("an agent that hangs up leaves its call where the terms say nothing else")
    func disconnect() throws {
        let gate = try gate()
        let (agent, hold) = try waiting(gate)
        #expect(!hold.facts.terms.withdrawsOnDisconnect)
        agent.leave()
        _ = try eventually("it is gone") { gate.server.gate.isAwaited(hold.id) ? nil : true }
        #expect(try ask(gate, "GET", "/v1/holds/\(hold.id)").json["state"]?.text == "pending")
    }

    @Test("a review is a hold without a call: approved or rejected with a text, which the agent comes for")
    func review() throws {
        let gate = try gate()
        let body =
            #"{"question": "Delete the old rows?", "context": "none is younger than a year", "alternatives": ["archive"]}"#
        let asked = try ask(gate, "POST", "/v1/review", body)
        #expect(asked.status == "200" && asked.json["state"]?.text == "pending")
        #expect(asked.json["summary"]?.text == "Review: Delete the old rows?")
        let path = "/v1/holds/\(try #require(asked.json["id"]?.text))"
        let hold = try gate.hold("pending")
        let decision = Decision(
            by: ada, at: Timestamp(milliseconds: SystemClock.wall()), reason: "archive them",
            suggestion: Suggestion(text: "archive", patch: nil))
        _ = try wait { [server = gate.server] in
            try await server.gate.reject(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
        }
        let told = try ask(gate, "GET", path).json
        #expect(told["state"]?.text == "rejected" && told["message"]?.text == "A person says no.")
        #expect(told["decision"]?["approved"]?.bool == false && told["decision"]?["reason"]?.text == "archive them")
        #expect(told["decision"]?["suggestion"]?["text"]?.text == "archive")
        #expect(gate.upstream.connections == 0)
    }

    @Test(
        "everything else is refused",
        arguments: [
            ("GET", "/", nil, "404"), ("GET", "/v1/holds", nil, "404"), ("GET", "/v2/holds/h_000000000000", nil, "404"),
            ("GET", "/v1/holds/h_000000000000", nil, "404"), ("GET", "/v1/holds/x", nil, "404"),
            ("POST", "/v1/holds/h_000000000000", "{}", "405"), ("GET", "/v1/review", nil, "405"),
            ("GET", "/v1/holds/h_000000000000?x=1", nil, "404"), ("POST", "/v1/review", "{}", "400"),
            ("POST", "/v1/review", "[]", "400"), ("POST", "/v1/review", #"{"question":" "}"#, "400"),
            ("POST", "/v1/review", #"{"question":"x","urgent":true}"#, "400"),
            ("POST", "/v1/review", #"{"question":"x","alternatives":"y"}"#, "400"),
            ("POST", "/v1/holds/h_000000000000/answer", #"{"answer":7}"#, "400"),
            ("POST", "/v1/holds/h_000000000000/answer", #"{"answer":"x"}"#, "404"),
            ("DELETE", "/v1/holds/h_000000000000", "{}", "400"),
        ] as [(String, String, String?, String)])
    func refused(method: String, path: String, body: String?, status: String) throws {
        let answer = try ask(try gate(), method, path, body)
        #expect(answer.status == status, "\(answer.json)")
    }

    @Test("a stopped session is told nothing else, and a store that is down is no missing hold")
    func trouble() throws {
        let gate = try gate()
        gate.store.fail("hold")
        let down = try ask(gate, "GET", "/v1/holds/h_000000000000")
        #expect(down.status == "503" && down.json["reason"]?.text == "store_unavailable", "\(down.json)")
        gate.store.fail()
        _ = try wait { [server = gate.server, ada] in
            await server.gate.stop(.everything, .kill, by: .person(ada, reason: nil))
        }
        let killed = try ask(gate, "GET", "/v1/holds/h_000000000000")
        #expect(killed.status == "403" && killed.json["reason"]?.text == "killed", "\(killed.json)")
    }

    @Test("texts have a length", arguments: [(AgentRequest.longestText, "200"), (AgentRequest.longestText + 1, "400")])
    func lengths(length: Int, status: String) throws {
        let question = String(repeating: "q", count: length)
        #expect(try ask(try gate(), "POST", "/v1/review", #"{"question":"\#(question)"}"#).status == status)
    }

    @Test("a page in a browser cannot speak for its agent, nor can a body be as long as it likes")
    func types() throws {
        let gate = try gate()
        let body = #"{"question":"x"}"#
        #expect(try ask(gate, "POST", "/v1/review", body, "Content-Type: text/plain\r\n").status == "415")
        let long = #"{"question":"x","context":"\#(String(repeating: "c", count: AgentRequest.mostBytes))"}"#
        #expect(try ask(gate, "POST", "/v1/review", long).status == "413")
    }
}
