import Calls
import JSON

/// How long a held call waits on its open connection: just less than the client's own limit, so that a decision in time
/// brings the real answer, and a later one a `503` that the client understands.
///
/// The limits were measured; the User-Agent is the agent's claim, and the wrong one only shortens its own wait.
enum WaitTime {
    /// For a client that nobody has measured: the shortest common limit is httpx's 5 seconds.
    static let unknown: Int64 = 4_000

    /// TypeScript's client of the Model Context Protocol lasts 60 seconds.
    static let toolCall: Int64 = 45_000

    private static let known: [(mark: Text, milliseconds: Int64)] = [
        ("pygithub", 12_000), ("slackclient", 25_000), ("boto3", 50_000), ("botocore", 50_000), ("aws-cli", 50_000),
        ("azsdk-python", 50_000), ("google-api-python-client", 50_000), ("stripe/", 70_000),
        ("google-auth", 100_000), ("openai", 110_000), ("anthropic", 110_000), ("python-httpx", 4_000),
        ("aiohttp", 110_000), ("python-requests", 110_000), ("python-urllib", 110_000), ("curl/", 110_000),
        ("java-http-client", 110_000), ("twilio", 110_000), ("git/", 110_000), ("kubernetes", 110_000),
        ("openapi-generator", 110_000), ("githubkit", 110_000), ("sendgrid", 110_000),
    ]

    /// Milliseconds for the client with this `User-Agent`.
    ///
    /// - Parameters:
    ///   - googleClient: its `x-goog-api-client`, by which Google's generated client is known: it calls itself `(gzip)`
    ///     otherwise.
    ///   - isMCP: it carries the Model Context Protocol, whose clients have a limit of their own above the connection's.
    static func automatic(for agent: Text?, googleClient: Text? = nil, isMCP: Bool = false) -> Int64 {
        if isMCP { return min(toolCall, automatic(for: agent)) }
        if googleClient?.contains("gdcl/") == true { return 50_000 }
        guard let agent = agent?.asciiLowercased else { return unknown }
        if agent == "node" { return 110_000 }
        return known.first { agent.contains($0.mark) }?.milliseconds ?? unknown
    }
}

extension Text {
    fileprivate func contains(_ mark: Text) -> Bool {
        let pattern = mark.bytes
        let bytes = self.bytes
        guard bytes.count >= pattern.count else { return false }
        return (0...(bytes.count - pattern.count)).contains { bytes[$0..<($0 + pattern.count)].elementsEqual(pattern) }
    }
}
