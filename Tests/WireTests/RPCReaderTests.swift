import Calls
import JSON
import Testing
import Wire

struct RPCReaderTests {
    private func read(_ body: String, url: Text = "https://mcp.test/any", knowing: CallReader.Knowledge = .init())
        -> [String]
    {
        operations(url, "application/json", body, knowing: knowing)
    }

    private static func call(_ params: String) -> String {
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":\(params)}"
    }

    @Test("a call of a tool has the server's name, the tool's exact bytes and its arguments")
    func tools() {
        #expect(
            read(Self.call("{\"name\":\"read_graph\",\"arguments\":{\"a\":[1]}}")) == [
                "mcp mcp.test read_graph {\"a\":[1]}"
            ])
        #expect(read(Self.call("{\"name\":\"read_graph\"}")) == ["mcp mcp.test read_graph"])
        #expect(read(Self.call("{\"name\":\"read_graph\",\"arguments\":null}")) == ["mcp mcp.test read_graph"])
        #expect(
            read(Self.call("{\"n\\u0061me\":\"d\\u0065l\"}").replacing("tools/call", with: "tools\\/c\\u0061ll")) == [
                "mcp mcp.test del"
            ])
        #expect(
            read(
                Self.call("{\"name\":\"t\"}"),
                knowing: .init(servers: [MCPServer("filesystem", at: "mcp.test")].compactMap { $0 }))
                == ["mcp filesystem t"])
    }

    @Test("every entry of a batch is an operation, and answers are none of anybody's methods")
    func batches() {
        let tool = Self.call("{\"name\":\"t\"}")
        #expect(read("[\(tool),{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}]") == ["mcp mcp.test t", "rpc ping"])
        #expect(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}") == ["rpc "])
        #expect(read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[1]}") == ["rpc eth_call [1]"])
        #expect(read("[]") == ["http"] && read("[1,{\"a\":1}]") == ["http"])
    }

    @Test("more than 64 entries are refused, 64 are read")
    func limit() {
        func batch(_ count: Int) -> String {
            "[" + Array(repeating: "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", count: count).joined(separator: ",")
                + "]"
        }
        #expect(read(batch(64)).count == 64 && read(batch(64)).first == "rpc ping")
        #expect(read(batch(65)) == ["too_many_operations"])
        #expect(read(batch(3), knowing: .init(limits: DecodingLimits(operations: 2))) == ["too_many_operations"])
    }

    @Test(
        "a message with two readings is refused, its twin read",
        arguments: [
            ("[{\"jsonrpc\":\"2.0\",\"method\":\"ping\"},1]", "[{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}]"),
            ("[1,{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}]", "[1,{\"a\":\"2.0\",\"method\":\"ping\"}]"),
            ("{\"jsonrpc\":\"1.0\",\"method\":\"ping\"}", "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}"),
            ("{\"jsonrpc\":2.0,\"method\":\"ping\"}", "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":null}"),
            ("{\"jsonrpc\":\"2.0\",\"id\":1}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}"),
            ("{\"jsonrpc\":\"2.0\",\"method\":1}", "{\"jsonrpc\":\"2.0\",\"method\":\"1\"}"),
            ("{\"jsonrpc\":\"2.0\",\"method\":\"\"}", "{\"jsonrpc\":\"2.0\",\"method\":\"a b\"}"),
            (
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":\"x\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":null}"
            ),
            (
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"Method\":\"n\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"methods\":\"n\"}"
            ),
            (
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"param\u{17F}\":[]}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"paramé\":[]}"
            ),
            (call("{\"name\":1}"), call("{\"name\":\"1\"}")), (call("[]"), call("{\"name\":\"[]\"}")),
            (call("{\"name\":\"t\",\"arguments\":\"{}\"}"), call("{\"name\":\"t\",\"arguments\":{}}")),
            (call("{\"name\":\"t\",\"NAME\":\"u\"}"), call("{\"name\":\"t\",\"_meta\":{}}")),
            (call("{\"name\":\"t\",\"Arguments\":{}}"), call("{\"name\":\"t\",\"args\":{}}")),
            (call("{\"name\":\"delete\u{200B}_x\"}"), call("{\"name\":\"delete_x\"}")),
            (call("{\"name\":\"e\u{301}\"}"), call("{\"name\":\"\u{E9}\"}")),
            (call("{\"name\":\"\\u0000t\"}"), call("{\"name\":\"0t\"}")),
            (call("{\"name\":\"a\u{A0}b\"}"), call("{\"name\":\"a b\"}")),
            (
                call("{\"name\":\"\(String(repeating: "a", count: 257))\"}"),
                call("{\"name\":\"\(String(repeating: "a", count: 256))\"}")
            ),
            ("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"method\":\"n\"}", "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}"),
        ])
    func refused(_ body: String, _ twin: String) {
        let codes = ["malformed_rpc", "malformed_name", "malformed_json"]
        #expect(read(body).count == 1 && codes.contains(read(body)[0]), "\(read(body)) \(body)")
        #expect(!read(twin).contains { $0.hasPrefix("malformed") }, "\(read(twin))")
    }

    @Test("a message that only some servers take for one is refused")
    func caseVariants() {
        for key in ["JSONRPC", "jsonRpc", "j\u{17F}onrpc"] {
            #expect(read("{\"\(key)\":\"2.0\",\"method\":\"ping\"}") == ["malformed_rpc"], "\(key)")
            #expect(read("[{\"\(key)\":\"2.0\",\"method\":\"ping\"}]") == ["malformed_rpc"], "\(key)")
        }
        #expect(read("{\"jsonrpcs\":\"2.0\",\"Method\":\"ping\"}") == ["http"])
    }

    @Test("a body that is JSON-RPC and GraphQL at once does both")
    func polyglot() {
        let body = "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"query\":\"mutation { drop }\"}"
        #expect(read(body) == ["rpc ping", "mutation: drop 0"])
    }
}
