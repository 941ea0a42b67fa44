import COpenSSL
import Calls

/// A certificate for one name, with the key that all leaves of the process share.
package final class Leaf: Sendable {
    package let name: String
    let certificate: Certificate
    let key: PrivateKey
    let renewal: ContinuousClock.Instant
    /// Sessions are resumed only under the name that they began with: a ticket carries this.
    let sessionContext: [UInt8]

    init(name: String, certificate: Certificate, key: PrivateKey, renewal: ContinuousClock.Instant) {
        self.name = name
        self.certificate = certificate
        self.key = key
        self.renewal = renewal
        sessionContext = SHA256.digest(Array(name.utf8)).bytes
    }

    package func pem() throws(CryptoFailure) -> String { try certificate.pem() }
}
