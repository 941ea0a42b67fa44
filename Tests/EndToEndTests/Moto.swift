import Foundation
import Testing

/// AWS as moto plays it, over TLS and with every signature checked, and a gate with the shipped rules before it.
struct Moto {
    static let bucket = "tiergate-e2e"

    let scratch: Scratch
    let gate: TestGate
    let moto: Running
    private let keys: [String: String]

    init(wait: String = "30 s") async throws {
        scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let pair = try await certificates.leaf([
            "localhost", "iam.amazonaws.com", "s3.amazonaws.com", "*.s3.amazonaws.com", "s3.us-east-1.amazonaws.com",
            "*.s3.us-east-1.amazonaws.com",
        ])
        let moto = try Running(
            Place.python,
            ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0", "-c", pair.certificate, "-k", pair.key],
            environment: ["INITIAL_NO_AUTH_ACTION_COUNT": "0", "PYTHONUNBUFFERED": "1"])
        let start = "Running on https://127.0.0.1:"
        try await waitUntil("moto listens: \(moto.text)", within: 60) { moto.text.contains(start) || moto.hasEnded }
        let text = moto.text
        let port = Int(text.firstRange(of: start).map { text[$0.upperBound...].prefix(while: \.isNumber) } ?? "") ?? 0
        self.moto = moto

        let made = try await run(
            Place.python, [Place.script("aws.py"), "setup", "https://localhost:\(port)", Moto.bucket],
            environment: [
                "AWS_CA_BUNDLE": certificates.root, "AWS_ACCESS_KEY_ID": "setup", "AWS_SECRET_ACCESS_KEY": "setup",
            ])
        guard made.status == 0 else { throw Failed(description: "setting moto up: \(made.errors)\n\(moto.text)") }
        let key = try Document(made.output)
        keys = [
            "AWS_ACCESS_KEY_ID": key["key"].string ?? "", "AWS_SECRET_ACCESS_KEY": key["secret"].string ?? "",
        ]
        gate = try await TestGate(
            scratch,
            TestGate.Settings(
                rules: [Place.rules], roots: [certificates.root], resolve: ["**.amazonaws.com": port], wait: wait))
    }

    /// Begins a call of an agent's with boto3.
    func begin(_ words: [String], _ environment: [String: String] = [:]) throws -> Running {
        try Running(
            Place.python, [Place.script("aws.py")] + words,
            environment: gate.proxy.merging(keys) { $1 }.merging(["AWS_CA_BUNDLE": gate.authority]) { $1 }
                .merging(environment) { $1 })
    }

    func call(_ words: String..., environment: [String: String] = [:]) async throws -> Document {
        try await Moto.said(begin(words, environment))
    }

    static func said(_ running: Running) async throws -> Document {
        let ended = try await running.finish()
        guard ended.status == 0 else { throw Failed(description: ended.errors) }
        return try Document(ended.output)
    }

    /// How many requests with this in their start line moto has answered; it notes each on standard error.
    func count(_ start: String) -> Int { moto.text.ranges(of: start).count }
}
