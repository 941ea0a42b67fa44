import Foundation
import Testing

/// Bodies and framings of every kind, both ways, and what becomes of connections.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct BodyTests {
    static let large = 5 << 20

    @Test("large answers come unchanged, with a length and in chunks", arguments: ["bytes", "chunked"])
    func download(kind: String) async throws {
        let world = try await World()
        let answer = try await world.gate.curl("https://api.test/\(kind)/\(BodyTests.large)")
        #expect(answer.status == 200, "\(answer.failure)")
        let isWhole = answer.body == Sample.bytes(BodyTests.large)
        #expect(isWhole)
        #expect(answer.field("transfer-encoding") == (kind == "chunked" ? "chunked" : nil))
        try await world.gate.end()
    }

    @Test(
        "large uploads that pass are streamed, with a length, in chunks, and after 100 Continue",
        arguments: [
            [], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"],
            ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"],
        ])
    func upload(options: [String]) async throws {
        let world = try await World()
        let file = world.scratch.file("upload")
        try Sample.bytes(BodyTests.large).write(to: URL(fileURLWithPath: file))
        let answer = try await Curl(world.gate, ["-T", file, "https://api.test/echo"] + options).answer()
        #expect(answer.status == 200, "\(answer.failure)")
        let seen = try answer.document
        #expect(seen["length"].integer == BodyTests.large)
        #expect(seen["sha256"].string == Sample.digestOf5Mi)
        let isChunked = options.contains("Transfer-Encoding: chunked")
        #expect(seen["fields"].field("transfer-encoding") == (isChunked ? "chunked" : nil))
        #expect(seen["fields"].field("content-length") == (isChunked ? nil : "\(BodyTests.large)"))
        #expect(seen["fields"].field("expect") == nil)
        try await world.gate.end()
    }

    @Test(
        "bodies of calls that are held come whole after the approval, small ones from memory and large ones from the spool",
        arguments: [100_000, BodyTests.large], [[], ["-H", "Transfer-Encoding: chunked"]])
    func held(length: Int, options: [String]) async throws {
        let world = try await World { $0.wait = "30 s" }
        let file = world.scratch.file("upload")
        try Sample.bytes(length).write(to: URL(fileURLWithPath: file))
        let waiting = try Curl(
            world.gate,
            ["-H", "Content-Type: image/png", "--data-binary", "@\(file)", "https://api.test/echo"] + options)
        try await world.gate.approve(try await world.gate.theHold(isAwaited: true))
        let answer = try await waiting.answer()
        #expect(answer.status == 200, "\(answer.failure) \(answer.text)")
        #expect(try answer.document["length"].integer == length)
        #expect(
            try answer.document["sha256"].string == (length == 100_000 ? Sample.digestOf100000 : Sample.digestOf5Mi))
        #expect(try world.upstream.count("POST") == 1)
        try await world.gate.end()
    }

    @Test("a body over hold.body is refused with the limit, before it is sent")
    func tooLarge() async throws {
        let world = try await World { $0.hold = "body: 2 MiB" }
        let file = world.scratch.file("upload")
        try Sample.bytes(BodyTests.large).write(to: URL(fileURLWithPath: file))
        for options in [[], ["-H", "Transfer-Encoding: chunked"]] {
            let answer = try await Curl(
                world.gate,
                ["-H", "Content-Type: image/png", "--data-binary", "@\(file)", "https://api.test/x"] + options
            ).answer()
            #expect(answer.status == 413, "\(answer.failure)")
        }
        #expect(try world.upstream.requests.isEmpty)
        #expect(try await world.gate.holds().isEmpty)
        try await world.gate.end()
    }

    @Test("answers without content keep their fields and have none", arguments: ["204", "304"])
    func empty(status: String) async throws {
        let world = try await World()
        let answer = try await world.gate.curl("https://api.test/status/\(status)", "https://api.test/echo")
        #expect(answer.status == 200, "the second call on the same connection: \(answer.failure)")
        let first = try await world.gate.curl("https://api.test/status/\(status)")
        #expect(first.status == Int(status) && first.body.isEmpty)
        #expect(first.field("etag") == "\"abc\"")
        try await world.gate.end()
    }

    @Test("HEAD gets the length of what is not sent")
    func head() async throws {
        let world = try await World()
        let answer = try await world.gate.curl("-I", "https://api.test/bytes/5000")
        #expect(answer.status == 200, "\(answer.failure)")
        #expect(answer.field("content-length") == "5000")
        try await world.gate.end()
    }

    @Test("calls share connections on both sides, the agent's tunnel and the gate's own")
    func keepAlive() async throws {
        let world = try await World()
        let arguments = (0..<4).map { "https://api.test/echo?n=\($0)" }
        let curl = try Curl(
            world.gate, arguments.flatMap { ["-o", world.scratch.file("out"), $0] } + ["-w", "%{num_connects} "])
        _ = try await curl.answer()
        #expect(curl.running.output == "1 0 0 0 ")
        let ports = try world.upstream.requests.compactMap { $0["port"].integer }
        #expect(ports.count == 4)
        #expect(Set(ports).count == 1)
        try await world.gate.end()
    }

    @Test("a connection that the upstream closed without a word is not used for the next call")
    func goodbye() async throws {
        let world = try await World()
        for _ in 0..<5 { #expect(try await world.gate.curl("https://api.test/goodbye").status == 200) }
        #expect(Set(try world.upstream.requests.compactMap { $0["port"].integer }).count == 5)
        try await world.gate.end()
    }

    @Test("an answer that ends with its connection comes whole, for a client of HTTP/1.1 and of 1.0")
    func untilClose() async throws {
        let world = try await World()
        for version in ["--http1.1", "--http1.0"] {
            let answer = try await world.gate.curl(version, "--no-alpn", "https://api.test/until-close")
            #expect(answer.status == 200, "\(answer.failure)")
            let isWhole = answer.body == Sample.bytes(100_000)
            #expect(isWhole)
            #expect(answer.field("transfer-encoding") == (version == "--http1.0" ? nil : "chunked"))
        }
        try await world.gate.end()
    }

    @Test("an upstream that answers before it has taken the whole body is heard")
    func early() async throws {
        let world = try await World()
        let file = world.scratch.file("upload")
        try Sample.bytes(BodyTests.large).write(to: URL(fileURLWithPath: file))
        let answer = try await world.gate.curl("-T", file, "https://api.test/early")
        #expect(answer.status == 403, "\(answer.failure) \(answer.text)")
        #expect(answer.text == "enough")
        try await world.gate.end()
    }

    @Test("interim answers stay with the gate: clients take them for the answer")
    func interim() async throws {
        let world = try await World()
        let answer = try await world.gate.curl("-i", "https://api.test/interim")
        #expect(answer.status == 200 && !answer.text.contains("Early Hints"), "\(answer.text)")
        try await world.gate.end()
    }

    @Test("an answer that breaks off is cut for the agent too, never completed")
    func cut() async throws {
        let world = try await World()
        let answer = try await world.gate.curl("https://api.test/cut")
        #expect(!answer.failure.isEmpty && answer.text.count <= "only half of it".count, "\(answer.text)")
        try await world.gate.closed("uncertain")
        try await world.gate.end()
    }

    @Test("a plain HTTP call in absolute form is carried, and held, like any other")
    func absoluteForm() async throws {
        let world = try await World(tls: false)
        let answer = try await world.gate.curl("http://api.test/echo?a=1&b=%20")
        #expect(answer.status == 200, "\(answer.failure)")
        #expect(try answer.document["path"].string == "/echo?a=1&b=%20")
        #expect(try answer.document["fields"].field("host") == "api.test")
        #expect(try await world.gate.curl("-d", "a=1", "http://api.test/echo").status == 503)
        #expect(try world.upstream.count("POST") == 0)
        try await world.gate.end()
    }

    @Test("plain HTTP inside a tunnel is carried too")
    func plainTunnel() async throws {
        let world = try await World(tls: false)
        let answer = try await world.gate.curl("--proxytunnel", "http://api.test:8080/echo")
        #expect(answer.status == 200, "\(answer.failure)")
        #expect(try answer.document["fields"].field("host") == "api.test:8080")
        try await world.gate.end()
    }

    @Test("an upstream cannot speak in the gate's name or lead past it, and its hop's fields stay on the hop")
    func strippedFields() async throws {
        let world = try await World()
        let answer = try await world.gate.curl(
            "-H", "Tiergate-Hold: h_000000000000", "-H", "Proxy-Authorization: Basic eDp5", "https://api.test/liar")
        #expect(answer.status == 200, "\(answer.failure)")
        for name in ["tiergate-hold", "alt-svc", "x-hop", "connection"] {
            #expect(answer.field(name) == nil, "\(name)")
        }
        #expect(answer.field("x-end") == "2")
        let seen = try #require(try world.upstream.requests.first)["fields"]
        for name in ["tiergate-hold", "proxy-authorization", "proxy-connection"] {
            #expect(seen.field(name) == nil, "\(name)")
        }
        try await world.gate.end()
    }
}
