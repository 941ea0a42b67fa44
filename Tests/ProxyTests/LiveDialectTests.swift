import JSON
import System
import Testing

@testable import Proxy

/// What is said in a body decides how its refusal is told, held or blocked.
@Suite(.serialized) struct LiveDialectTests {
    private func post(_ host: String, _ path: String, _ body: String, _ fields: String = "") throws -> (
        status: String, json: JSONNode
    ) {
        let gate = try LiveGate(try Upstream([.hangup])) { $0.wait = 20 }
        let text = try gate.ask(
            "POST http://\(host)\(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let content = text.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first ?? "null"
        return (String(text.dropFirst(9).prefix(3)), try JSONDocument.parse(Array(content.utf8)).root)
    }

    @Test("a tool's caller gets a result that says it is none", arguments: ["held.test", "blocked.test"])
    func tool(host: String) throws {
        let call = #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"pay","arguments":{}}}"#
        let answer = try post(host, "/mcp", call)
        #expect(answer.status == "200" && answer.json["id"]?.integer == 3, "\(answer.json)")
        #expect(answer.json["result"]?["isError"]?.bool == true)
        let reason = answer.json["result"]?["_meta"]?["tiergate/reason"]?.text
        #expect(reason == (host == "held.test" ? "held" : "blocked"))
    }

    @Test("other JSON-RPC gets an error, and the status too") func rpc() throws {
        let answer = try post("held.test", "/", #"{"jsonrpc":"2.0","id":"x","method":"eth_call","params":[]}"#)
        #expect(answer.status == "503" && answer.json["id"]?.text == "x")
        #expect(answer.json["error"]?["message"]?.text?.string.contains("NOT EXECUTED") == true)
    }

    @Test("GraphQL gets errors, in the type that it asks for") func graphql() throws {
        let body = #"{"query":"mutation { pay(amount: 5) { id } }"}"#
        let answer = try post("held.test", "/graphql", body, "Accept: application/graphql-response+json\r\n")
        #expect(answer.status == "503", "\(answer.json)")
        #expect(answer.json["errors"]?[0]?["extensions"]?["code"]?.text == "HELD_FOR_APPROVAL")
    }
}
