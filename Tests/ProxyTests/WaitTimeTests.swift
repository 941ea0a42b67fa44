import JSON
import Testing

@testable import Proxy

@Suite struct WaitTimeTests {
    @Test(
        "a client waits a little less than it lasts",
        arguments: [
            (nil, 4_000), ("something/1.0", 4_000), ("python-httpx/0.28.1", 4_000), ("PyGithub/Python", 12_000),
            ("Boto3/1.44.1 md/Botocore#1.44.1", 50_000), ("Stripe/v1 PythonBindings/16.1.0", 70_000),
            ("OpenAI/Python 3.52.0", 110_000), ("Anthropic/Python 2.11.0", 110_000), ("curl/7.88.1", 110_000),
            ("node", 110_000), ("nodemon", 4_000), ("python-requests/2.34.0", 110_000), ("Python-urllib/3.11", 110_000),
        ] as [(String?, Int64)])
    func waiting(agent: String?, milliseconds: Int64) {
        #expect(WaitTime.automatic(for: agent.map { Text($0) }) == milliseconds)
    }
}
