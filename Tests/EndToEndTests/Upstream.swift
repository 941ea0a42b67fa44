import Foundation

/// A server that notes each request that reached it, before it answers.
final class Upstream {
    let port: Int
    private let scratch: Scratch
    private let log: String
    private let running: Running

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
        try await waitUntil("\(script) listens: \(running.text)") { running.output.contains("\n") }
        port = Int(running.output.prefix { $0 != "\n" }) ?? 0
        self.scratch = scratch
        self.log = log
        self.running = running
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
