import Calls
import JSON
import Testing
import Wire

struct MCPServerTests {
    private static let call =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}"

    /// What the server behind a URL is called, where the site has named these places.
    private func name(_ url: Text, _ places: [(Text, Text)]) -> String? {
        let servers = places.compactMap { MCPServer($0.0, at: $0.1) }
        let words = operations(url, "application/json", Self.call, knowing: .init(servers: servers))[0].split(
            separator: " ")
        return servers.count == places.count && words.count == 3 ? String(words[1]) : nil
    }

    @Test(
        "a place covers its host, its port and what is under its path, and nothing that only looks like it",
        arguments: [
            ("mcp.test", "https://mcp.test/any", true), ("mcp.test", "http://mcp.test/", true),
            ("mcp.test", "https://mcp.test:8443/", false), ("mcp.test", "http://mcp.test:443/", false),
            ("mcp.test", "https://mcp.test.evil.test/", false), ("mcp.test", "https://x.mcp.test/", false),
            ("MCP.test:8443", "https://mcp.test:8443/", true), ("mcp.test:8443", "https://mcp.test/", false),
            ("https://mcp.test", "https://mcp.test/", true), ("https://mcp.test", "http://mcp.test/", false),
            ("http://mcp.test", "http://mcp.test/", true), ("http://mcp.test", "https://mcp.test/", false),
            ("mcp.test/files", "https://mcp.test/files", true), ("mcp.test/files/", "https://mcp.test/files/x", true),
            ("mcp.test/files", "https://mcp.test/filesystem", false), ("mcp.test/files", "https://mcp.test/", false),
            ("mcp.test/files", "https://mcp.test/x/../files", true),
            ("mcp.test/files", "https://mcp.test/files/../x", false), ("[::1]:9/a", "http://[::1]:9/a", true),
        ] as [(Text, Text, Bool)])
    func places(place: Text, url: Text, isCovered: Bool) {
        let found = name(url, [("files", place)])
        #expect(isCovered ? found == "files" : found != nil && found != "files")
    }

    @Test("of several places the one with the longest path counts, in whichever order they come")
    func longest() {
        let places: [(Text, Text)] = [("all", "mcp.test"), ("files", "mcp.test/a/files"), ("a", "mcp.test/a")]
        for order in [places, places.reversed()] {
            #expect(name("https://mcp.test/a/files/x", order) == "files")
            #expect(name("https://mcp.test/a/x", order) == "a")
            #expect(name("https://mcp.test/x", order) == "all")
            #expect(name("https://other.test/a", order) == "other.test")
        }
    }

    @Test(
        "what is no name or no place is none",
        arguments: [
            ("", "mcp.test"), ("a b", "mcp.test"), ("a/b", "mcp.test"), ("f\u{456}les", "mcp.test"), ("a", ""),
            ("a", "/x"), ("a", "mcp.test?x=1"), ("a", "mcp.test/x?"), ("a", "me@mcp.test"), ("a", "mcp.test:0x1"),
            ("a", "ftp://mcp.test"), ("a", "mcp.test/%2e%2E%2f"), ("a", "mcp .test"), ("a", "https://"),
        ] as [(Text, Text)])
    func refused(name: Text, place: Text) { #expect(MCPServer(name, at: place) == nil) }

    @Test("a name has a length")
    func length() {
        let longest = Text(String(repeating: "a", count: MCPServer.longestName))
        #expect(MCPServer(longest, at: "mcp.test") != nil && MCPServer(Text("\(longest)a"), at: "mcp.test") == nil)
    }
}
