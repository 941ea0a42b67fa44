import Calls
import Crypto
import Holds
import JSON
import Stores
import System

extension Command {
    static let ca = Command(
        name: "ca", summary: "print the certificate that agents must trust, and how they are told to",
        options: [
            Option(name: "--pem", help: "print the certificate itself"),
            Option(name: "--env", help: "print what sends a program's calls through the gate, as shell exports"),
            .config,
        ],
        details: """
            The gate reads what agents send by answering under the name they call, with certificates that its own \
            authority signs. Only what should be gated needs to trust it: prefer the environment of one agent to the \
            trust store of a machine. The authority is made here if there is none yet; its key never leaves its file.
            """,
        examples: [
            Example("eval \"$(tiergate ca --env)\"", "this shell's programs go through the gate"),
            Example("tiergate ca --pem > tiergate-ca.pem", "for a program that wants a file of its own"),
            Example("tiergate ca", "where it is, and its fingerprint"),
        ],
        run: { invocation in
            guard let settings = invocation.settings() else { return .usage }
            do {
                let directory = try StateDirectory(opening: settings.state)
                let authority = try directory.authority(
                    for: "this machine", certificate: settings.authorityCertificate, key: settings.authorityKey)
                let pem = try authority.certificatePEM()
                let fingerprint = authority.fingerprint.description
                if invocation.isJSON {
                    printJSON(settings, fingerprint, pem, invocation)
                } else if invocation.has("--pem") {
                    invocation.terminal.print(
                        String(pem.trimmingPrefix { $0.isNewline }.dropLast(pem.hasSuffix("\n") ? 1 : 0)))
                } else if invocation.has("--env") {
                    invocation.terminal.print(settings.exports)
                } else {
                    invocation.terminal.print(
                        """
                        certificate  \(settings.authorityFile)
                        SHA-256      \(fingerprint)
                        `eval "$(tiergate ca --env)"` sends the programs of a shell through the gate.
                        """)
                }
                return .ok
            } catch let failure as StoreFailure {
                return invocation.fail(.failed, failure.sentence)
            } catch {
                return invocation.fail(.failed, "\(error)")
            }
        })

    private static func printJSON(_ settings: Settings, _ fingerprint: String, _ pem: String, _ invocation: Invocation)
    {
        invocation.terminal.print(
            json: JSONWriter.object { document in
                document.field("certificate", settings.authorityFile)
                document.field("sha256", fingerprint)
                document.field("pem", pem)
                document.object("environment") { object in
                    for (name, value) in settings.agentEnvironment { object.raw(named: name, JSONWriter.string(value)) }
                }
            })
    }
}

extension Settings {
    var authorityFile: String { authorityCertificate ?? "\(state)/authority.pem" }

    /// What the usual HTTP clients read to find a proxy and whom to trust.
    var agentEnvironment: [(name: String, value: String)] {
        let proxy = "http://\(listen.first.map(\.description) ?? "127.0.0.1:9510")"
        let proxies = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"].map { (name: $0, value: proxy) }
        let trust = [
            // OpenSSL and Go; Python requests; curl; boto3; Node; git.
            "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
            "GIT_SSL_CAINFO",
        ].map { (name: $0, value: authorityFile) }
        return proxies + trust
    }

    var exports: String {
        agentEnvironment.map { "export \($0.name)='\($0.value.replacing("'", with: "'\\''"))'" }.joined(separator: "\n")
    }
}

extension StoreFailure {
    /// What failed, as a person is told.
    var sentence: String {
        switch self {
        case .unavailable(let reason), .damaged(let reason): reason
        case .impossible(let from, let to): "a hold cannot go from \(from) to \(to)"
        }
    }
}
