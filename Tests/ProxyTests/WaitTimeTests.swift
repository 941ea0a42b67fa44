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
            ("node", 110_000), ("nodemon", 4_000), ("AsyncOpenAI/Python 3.54.0", 110_000),
            ("python/3.11.7 slackclient/3.47.0 Linux/6.1", 25_000), ("OpenAPI-Generator/37.0.1/python", 110_000),
            ("python-urllib3/2.8.0", 110_000), ("git/2.39.5", 110_000), ("Java-http-client/17.0.12", 110_000),
            ("Python/3.11 aiohttp/3.14.5", 110_000), ("azsdk-python-storage-blob/12.31.0", 50_000),
            ("GitHubKit/Python", 110_000), ("twilio-python/9.13.0", 110_000), ("sendgrid/6.12.0;python", 110_000),
            ("claude-cli/3.0", 4_000),
            ("python-requests/2.34.0", 110_000), ("Python-urllib/3.11", 110_000),
        ] as [(String?, Int64)])
    func waiting(agent: String?, milliseconds: Int64) {
        #expect(WaitTime.automatic(for: agent.map { Text($0) }) == milliseconds)
    }

    @Test(
        "a client of the Model Context Protocol has a limit of its own",
        arguments: [("node", 45_000), ("python-httpx/0.28.1", 4_000), (nil, 4_000)] as [(String?, Int64)])
    func tools(agent: String?, milliseconds: Int64) {
        #expect(WaitTime.automatic(for: agent.map { Text($0) }, isMCP: true) == milliseconds)
    }

    @Test(
        "Google's generated client does not name itself where others do",
        arguments: [("gdcl/2.202.0 gl-python/3.11.7", 50_000), ("gl-python/3.11 gax/2.19", 4_000)] as [(String, Int64)])
    func google(client: String, milliseconds: Int64) {
        #expect(WaitTime.automatic(for: "(gzip)", googleClient: Text(client)) == milliseconds)
    }
}
