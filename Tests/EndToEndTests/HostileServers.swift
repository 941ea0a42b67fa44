import Foundation

/// HAProxy, nginx, Node and Go's net/http, each saying how it reads what it is sent; the first two as proxies besides.
final class HostileServers {
    static let haproxy = Place.system("haproxy")
    static let nginx = Place.system("nginx")
    static let go = Place.system("go")
    private static let module = ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules"]
        .map { "\($0)/ngx_http_echo_module.so" }.first { FileManager.default.fileExists(atPath: $0) }
    static let areThere =
        [haproxy, nginx, go, Place.node].allSatisfy(Place.has) && module != nil
    static let areMissing =
        "HAProxy, nginx with its echo module, Go or Node is missing; deploy/prepare prove installs them"

    static let names = ["haproxy", "nginx", "node", "go"]
    static let proxies = ["haproxy", "nginx"]

    private let scratch: Scratch
    private let running: [Running]
    /// The same bytes are read the same, and many messages become the same ones.
    private var known: [String: [[UInt8]: HostileAnswers]] = [:]

    /// - Parameter recorder: the port that the proxies send on to.
    init(_ scratch: Scratch, recorder: Int) async throws {
        self.scratch = scratch
        func configuration(_ name: String) throws -> String {
            let text = try String(contentsOfFile: Place.script("reader.\(name)"), encoding: .utf8)
            return try scratch.write(
                "\(name).conf",
                text.replacing("@DIRECTORY@", with: scratch.path).replacing("@RECORDER@", with: "\(recorder)")
                    .replacing("@MODULE@", with: Self.module ?? ""))
        }
        let reader = scratch.file("reader")
        let built = try await Running(
            Self.go, ["build", "-o", reader, Place.script("reader.go")], environment: ["GO111MODULE": "off"]
        ).finish(within: 180)
        guard built.status == 0 else { throw Failed(description: "go build: \(built.errors)") }
        running = [
            try Running(Self.haproxy, ["-db", "-f", try configuration("haproxy")]),
            try Running(Self.nginx, ["-p", scratch.path, "-c", try configuration("nginx")]),
            try Running(Place.node, [Place.script("reader.js"), scratch.file("node.read")]),
            try Running(reader, [scratch.file("go.read")]),
        ]
        let sockets = Self.names.map { "\($0).read" } + Self.proxies.map { "\($0).proxy" }
        let running = running
        try await waitUntil("all listen: \(running.map(\.text))") {
            sockets.allSatisfy { HostileSocket(path: scratch.file($0)) != nil }
        }
    }

    /// What one of them reads in these bytes, sent as a connection of their own.
    func read(_ bytes: [UInt8], as name: String) throws -> HostileAnswers {
        if let answers = known[name]?[bytes] { return answers }
        let answers = HostileAnswers(try exchange(bytes, "\(name).read"))
        known[name, default: [:]][bytes] = answers
        return answers
    }

    /// Sends these bytes through one of the proxies, and waits until it is done with them.
    func forward(_ bytes: [UInt8], through name: String) throws { _ = try exchange(bytes, "\(name).proxy") }

    private func exchange(_ bytes: [UInt8], _ file: String) throws -> [UInt8] {
        guard let socket = HostileSocket(path: scratch.file(file)) else {
            throw Failed(description: "\(file) does not listen any more: \(running.map(\.text))")
        }
        socket.send(bytes)
        socket.finishSending()
        return socket.rest()
    }
}
