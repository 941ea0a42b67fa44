import Foundation

/// A server that notes each request that reached it, before it answers.
final class Upstream {
    let port: Int
    private let scratch: Scratch
    /// Where it notes them, one line of JSON each.
    let log: String
    private let arguments: [String]
    private var running: Running

    /// - Parameters:
    ///   - pair: speaks TLS with it; nil speaks plain HTTP.
    ///   - clients: a root; only clients with a certificate of it are answered.
    ///   - script: in `Clients`, with `upstream.py`'s arguments.
    init(
        _ scratch: Scratch, _ pair: Certificates.Pair? = nil, script: String = "upstream.py", clients: String? = nil
    ) async throws {
        let log = "upstream-\(UUID().uuidString.prefix(8)).jsonl"
        var arguments = [Place.script(script), "--log", scratch.file(log), "--release", scratch.file("release")]
        if let pair { arguments += ["--certificate", pair.certificate, "--key", pair.key] }
        if let clients { arguments += ["--clients", clients] }
        let running = try Running(Place.plainPython, arguments)
        port = try await Upstream.listening(running)
        self.scratch = scratch
        self.log = log
        self.arguments = arguments
        self.running = running
    }

    private static func listening(_ running: Running) async throws -> Int {
        try await waitUntil("the upstream listens: \(running.text)") { running.output.contains("\n") }
        return Int(running.output.prefix { $0 != "\n" }) ?? 0
    }

    /// kill -9, whatever it was doing.
    func die() async throws { try await running.killAndWait() }

    /// On the same port, with the same log.
    func start() async throws {
        running = try Running(Place.plainPython, arguments + ["--port", "\(port)"])
        _ = try await Upstream.listening(running)
    }

    /// What has reached it, in order.
    var requests: [Document] {
        get throws { try documents(in: scratch.read(log)) }
    }

    func count(_ method: String, _ path: String? = nil) throws -> Int {
        try requests.count { $0["method"].string == method && (path == nil || $0["path"].string == path) }
    }

    /// Lets what waits in `/stall` be answered, now and later.
    func release() throws { try scratch.write("release", "") }
}
