import Calls
import Crypto
import Holds
import JSON
import Stores
import System

extension Command {
    static let caShow = Command(
        name: "ca show", summary: "print the certificate that agents must trust, or where it is",
        options: [
            Option(name: "--pem", help: "print the certificate itself"),
            .config,
        ],
        details: """
            The gate reads what agents send by answering under the name they call, with certificates that its own \
            authority signs. Only what should be gated needs to trust it: prefer the environment of one agent \
            (`tiergate ca env`) to the trust store of a machine. The authority is made here if there is none yet; its key \
            never leaves its file.
            """,
        examples: [
            Example("tiergate ca show", "where it is, and its fingerprint"),
            Example("tiergate ca show --pem > tiergate-ca.pem", "for a program that wants a file of its own"),
        ],
        run: { invocation in
            invocation.withAuthority { settings, authority in
                let pem = try authority.certificatePEM()
                let fingerprint = authority.fingerprint.description
                if invocation.isJSON {
                    invocation.terminal.print(
                        json: JSONWriter.object { document in
                            document.field("certificate", settings.authorityFile)
                            document.field("sha256", fingerprint)
                            document.field("pem", pem)
                        })
                } else if invocation.has("--pem") {
                    invocation.terminal.print(
                        String(pem.trimmingPrefix { $0.isNewline }.dropLast(pem.hasSuffix("\n") ? 1 : 0)))
                } else {
                    invocation.terminal.print(
                        """
                        certificate  \(settings.authorityFile)
                        SHA-256      \(fingerprint)
                        `eval "$(tiergate ca env)"` sends the programs of a shell through the gate.
                        """)
                }
            }
        })
}

extension Invocation {
    /// Runs `body` with the authority of the gate that the command line means, made if there is none yet.
    func withAuthority(_ body: (Settings, CertificateAuthority) throws -> Void) -> ExitStatus {
        guard let settings = settings() else { return .usage }
        do {
            let authority = try StateDirectory(opening: settings.state).authority(
                for: "this machine", certificate: settings.authorityCertificate, key: settings.authorityKey)
            try body(settings, authority)
            return .ok
        } catch let failure as StoreFailure {
            return fail(.failed, failure.sentence)
        } catch {
            return fail(.failed, "\(error)")
        }
    }
}

extension Settings {
    var authorityFile: String { authorityCertificate ?? "\(state)/authority.pem" }
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
