import Calls
import Foundation
import Holds
import JSON
import System
import Testing
import Wire

@testable import Proxy

@Suite("What the site told of its upstreams")
struct SiteKnowledgeTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "site-\(UUID().uuidString)")

    /// `package p; service S { rpc C(M) returns (M); } message M {}`
    private static let set: [UInt8] = {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(content.count)] + content
        }
        func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
        let service = field(6, field(1, "S") + field(2, field(1, "C") + field(2, ".p.M")))
        return field(1, field(2, "p") + field(4, field(1, "M")) + service)
    }()

    private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.appending(path: name)
        try Data(bytes).write(to: path)
        return path.path()
    }

    private func grpc(_ method: String, _ knowledge: CallReader.Knowledge) throws -> Int {
        let head = try RequestHead.spelled(
            method: "POST", url: Text("https://a.test/p.S/\(method)"),
            fields: [(name: "Content-Type", value: "application/grpc-web+proto")], bodyLength: 5)
        return try CallReader.read(
            id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
            body: .bytes([0, 0, 0, 0, 0]), knowing: knowledge, principal: { _ in .none }
        ).operations.count
    }

    @Test("descriptor sets are read from their files, and what they describe is known")
    func files() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = try write("a.binpb", Self.set)
        let site = SiteKnowledge()
        #expect(try grpc("X", site.current) == 1)
        site.replace(with: try SiteKnowledge.load(servers: [], descriptors: [path, path]))
        // One operation more says that nobody knows this method.
        #expect(try grpc("C", site.current) == 1 && grpc("X", site.current) == 2)
        #expect(try SiteKnowledge.load(servers: [], descriptors: []).descriptors == nil)
    }

    @Test("a file that is not there, is no set, or is too large is refused by name")
    func refused() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let good = try write("good.binpb", Self.set)
        let bad = try write("bad.binpb", [0x0A, 9])
        let failure = #expect(throws: UnreadableDescriptors.self) {
            try SiteKnowledge.load(servers: [], descriptors: [good, bad])
        }
        #expect(failure?.description.contains("bad.binpb") == true && failure?.file?.contains("good") == false)
        #expect(throws: IOError.self) { try SiteKnowledge.load(servers: [], descriptors: [good + ".gone"]) }
        let large = try write("large.binpb", [UInt8](repeating: 0, count: DecodingLimits.default.descriptorBytes + 1))
        #expect(throws: (any Error).self) { try SiteKnowledge.load(servers: [], descriptors: [large]) }
    }

    @Test("a stored call is read with what the site told, as the agent's was")
    func stored() throws {
        let servers = [MCPServer("files", at: "tools.test")].compactMap { $0 }
        let body = Array(#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"t"}}"#.utf8)
        let head = "POST https://tools.test/ HTTP/1.1\r\nHost: tools.test\r\nContent-Type: application/json\r\n"
        let content = Content(bytes: Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
        func server(_ knowledge: CallReader.Knowledge) throws -> Text? {
            let call = try CallArchive.decode(content, try sampleHold(), knowing: knowledge, principal: { _ in .none })
            guard case .mcp(let server, _, _)? = call.operations.first else { return nil }
            return server
        }
        #expect(try server(.init(servers: servers)) == "files" && server(.init()) == "tools.test")
    }

    @Test("rules meet a server of tools under the name that the site gave it")
    func names() throws {
        let rules = """
            tiergate: 1
            pack: live
            version: 1.0.0
            rules:
              - {id: live.read, tier: 1, match: {host: read.test, path: "/**"}, summary: reads}
              - {id: live.tool, block: true, reason: never, match: {mcp: {server: files, tool: del}}, summary: never}
            """
        let body = #"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"del"}}"#
        let request =
            "POST http://read.test/mcp HTTP/1.1\r\nHost: read.test\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let answer: [Upstream.Step] = [
            .head, .body(body.utf8.count), .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        ]
        let servers = [MCPServer("files", at: "read.test/mcp")].compactMap { $0 }
        let named = try LiveGate(try Upstream(answer), knowing: .init(servers: servers), rules: rules)
        #expect(try named.ask(request).hasPrefix("HTTP/1.1 403 "))
        #expect(try LiveGate(try Upstream(answer), rules: rules).ask(request).hasPrefix("HTTP/1.1 200 "))
    }
}
