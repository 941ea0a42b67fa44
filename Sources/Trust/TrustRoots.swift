import Calls
import Crypto

/// Whom programs behind the gate trust: whom they trusted before, and the gate.
struct TrustRoots {
    private let gate: [RootCertificate]
    /// Of the system's PEM bundle.
    private let system: [RootCertificate]
    /// Of the system's Java store beside those: what somebody added with keytool.
    private let java: [RootCertificate]

    /// A Java store in another format than JKS counts as having what the bundle has.
    init(_ inputs: TrustInputs) {
        gate = RootCertificate.all(inPEM: inputs.gate)
        var known = Set(gate)
        system = RootCertificate.all(inPEM: inputs.bundle).filter { known.insert($0).inserted }
        java = (JavaKeyStore.certificates(in: inputs.javaStore) ?? []).filter { known.insert($0).inserted }
    }

    func gatePEM() throws(TrustFailure) -> [UInt8] { try Self.pem(gate) }

    func bundle() throws(TrustFailure) -> [UInt8] { try Self.pem(system + gate) }

    func javaKeyStore(created: UInt64) -> [UInt8] {
        JavaKeyStore.bytes(
            gate.map { ("tiergate", $0) } + (system + java).map { ($0.fingerprint.description, $0) }, created: created)
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
