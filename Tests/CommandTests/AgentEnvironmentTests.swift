import Crypto
import System
import Testing
import Trust

@testable import tiergate

@Suite struct AgentEnvironmentTests {
    private func variables(listen: String = "127.0.0.1:9510", java: String? = nil) throws -> [String: String] {
        let directory = "/tmp/tiergate-env-\(UInt64.random(in: .min ... .max))"
        defer { Files.remove(directory) }
        let files = try TrustFiles(
            in: directory, trusting: CertificateAuthority(creatingFor: "test"),
            beside: SystemTrust(bundles: [], javaStores: []), certutil: nil)
        var settings = Settings.ofService
        settings.listen = try [#require(SocketAddress(listen))]
        let environment = Environment(java.map { ["JAVA_TOOL_OPTIONS": $0] } ?? [:], executable: "")
        let variables = settings.agentEnvironment(files, environment)
        #expect(Set(variables.map(\.name)).count == variables.count)
        return Dictionary(uniqueKeysWithValues: variables)
    }

    @Test("the proxy is where the gate listens, and everything else is trust in it")
    func proxy() throws {
        let variables = try variables(listen: "[::1]:8080")
        #expect(variables["https_proxy"] == "http://[::1]:8080" && variables["HTTP_PROXY"] == "http://[::1]:8080")
        #expect(variables["SSL_CERT_FILE"]?.hasSuffix("/bundle.crt") == true)
        #expect(variables["NODE_EXTRA_CA_CERTS"]?.hasSuffix("/ca.crt") == true)
    }

    @Test("Java is told of the proxy too, beside what it was told before, which is said once")
    func java() throws {
        let plain = try #require(try variables()["JAVA_TOOL_OPTIONS"])
        #expect(plain.contains("-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9510"))
        let kept = try #require(try variables(java: "-Xmx64m")["JAVA_TOOL_OPTIONS"])
        #expect(kept.hasPrefix("-Xmx64m -Djavax.net.ssl.trustStore="))
        let again = try #require(try variables(java: plain)["JAVA_TOOL_OPTIONS"])
        #expect(again.components("-Djavax.net.ssl.trustStore=") == 2)
    }

    @Test(
        "a value is one word of the shell, whatever is in it",
        arguments: [
            (Shell.sh, "export A='it'\\''s $HOME \\'"),
            (.fish, "set -gx A 'it\\'s $HOME \\\\'"),
        ])
    func quoting(shell: Shell, line: String) {
        #expect(shell.export((name: "A", value: "it's $HOME \\")) == line)
    }
}

extension String {
    /// How many pieces it has between these separators.
    fileprivate func components(_ separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
