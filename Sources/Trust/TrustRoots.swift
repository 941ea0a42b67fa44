import Calls
import Crypto
import System

/// Whom programs behind the gate trust: whom they trusted before, and the gate.
struct TrustRoots {
    private let gate: [RootCertificate]
    /// Of the system's PEM bundle.
    private let system: [RootCertificate]
    /// Of the system's Java store beside those: what somebody added with keytool.
    private let java: [RootCertificate]

    /// Changed when the same inputs make other files.
    private static let form = "1"

    /// - Parameters:
    ///   - bundle: PEM; nil where the machine has none: then only the gate is trusted, which the gate is enough for.
    ///   - javaStore: of the machine's Java; one in another format than JKS counts as having what the bundle has.
    init(gate: CertificateAuthority, bundle: String?, javaStore: String?) throws(TrustFailure) {
        do throws(CryptoFailure) {
            self.gate = RootCertificate.all(inPEM: Array(try gate.certificatePEM().utf8))
        } catch {
            throw .crypto(error)
        }
        func content(_ path: String?) throws(TrustFailure) -> [UInt8] {
            guard let path else { return [] }
            return try TrustFailure.ofFiles { () throws(IOError) in try Files.read(path) }
        }
        var known = Set(self.gate)
        system = RootCertificate.all(inPEM: try content(bundle)).filter { known.insert($0).inserted }
        java = (JavaKeyStore.certificates(in: try content(javaStore)) ?? []).filter { known.insert($0).inserted }
    }

    func gatePEM() throws(TrustFailure) -> [UInt8] { try Self.pem(gate) }

    func bundle() throws(TrustFailure) -> [UInt8] { try Self.pem(system + gate) }

    func javaKeyStore(created: UInt64) -> [UInt8] {
        JavaKeyStore.bytes(
            gate.map { ("tiergate", $0) } + (system + java).map { ($0.fingerprint.description, $0) }, created: created)
    }

    /// Of everything that the files depend on.
    func fingerprint(_ certutil: String?) -> Digest {
        var hash = SHA256()
        hash.update(Array("\(Self.form) \(certutil ?? "-")\n".utf8))
        for (kind, certificates) in [("gate", gate), ("system", system), ("java", java)] {
            for certificate in certificates { hash.update(Array("\(kind) \(certificate.fingerprint)\n".utf8)) }
        }
        return hash.finalize()
    }

    private static func pem(_ certificates: [RootCertificate]) throws(TrustFailure) -> [UInt8] {
        do throws(CryptoFailure) {
            var text: [UInt8] = []
            for certificate in certificates { text += try certificate.pem().utf8 }
            return text
        } catch {
            throw .crypto(error)
        }
    }
}
