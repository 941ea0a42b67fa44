import Foundation

/// What an agent's client got.
struct Answer {
    let status: Int
    let reason: String
    /// Names in small letters.
    let fields: [(name: String, value: String)]
    let body: Data
    /// What curl says besides: its own failure.
    let failure: String

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    var document: Document {
        get throws { try Document(text) }
    }
}

/// curl behind a gate.
struct Curl {
    let running: Running
    private let scratch: Scratch
    private let number: String

    /// Begins; `answer` waits for the end.
    init(_ gate: TestGate, _ arguments: [String]) throws {
        scratch = gate.scratch
        number = String(UUID().uuidString.prefix(8))
        running = try Running(
            Place.curl,
            [
                "-sS", "--suppress-connect-headers", "-D", scratch.file("\(number).head"), "-o",
                scratch.file("\(number).body"),
            ]
                + arguments,
            environment: gate.proxy)
    }

    func answer() async throws -> Answer {
        let ended = try await running.finish()
        // The last head: interim ones come before it.
        let head =
            String(decoding: scratch.read("\(number).head"), as: UTF8.self).replacing("\r\n", with: "\n")
            .split(separator: "\n\n").last ?? ""
        let lines = head.split(separator: "\n")
        let start = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        return Answer(
            status: start.count > 1 ? Int(start[1]) ?? 0 : 0, reason: start.count > 2 ? String(start[2]) : "",
            fields: lines.dropFirst().map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (
                    line[..<colon].lowercased(),
                    line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
                )
            },
            body: scratch.read("\(number).body"), failure: ended.errors)
    }
}

extension TestGate {
    /// What an agent is told of the gate.
    var proxy: [String: String] {
        let proxy = "http://127.0.0.1:\(port)"
        return [
            "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "https_proxy": proxy, "http_proxy": proxy,
            "SSL_CERT_FILE": authority, "CURL_CA_BUNDLE": authority, "REQUESTS_CA_BUNDLE": authority,
            "NODE_EXTRA_CA_CERTS": authority, "NODE_USE_ENV_PROXY": "1",
        ]
    }

    func curl(_ arguments: String...) async throws -> Answer { try await Curl(self, arguments).answer() }
}
