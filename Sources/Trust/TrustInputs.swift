import Calls
import Crypto
import System

/// What the files are made of, as it was read: enough to tell whether they are up to date.
struct TrustInputs {
    /// PEM.
    let gate: [UInt8]
    /// The system's bundle, PEM; empty where the machine has none: then only the gate is trusted, which is enough.
    let bundle: [UInt8]
    /// The key store of the machine's Java; empty where it has none.
    let javaStore: [UInt8]

    /// Changed when the same inputs make other files.
    static let form = "1"

    init(gate: CertificateAuthority, bundle: String?, javaStore: String?) throws(TrustFailure) {
        do throws(CryptoFailure) { self.gate = Array(try gate.certificatePEM().utf8) } catch { throw .crypto(error) }
        func content(_ path: String?) throws(TrustFailure) -> [UInt8] {
            guard let path else { return [] }
            return try TrustFailure.ofFiles { () throws(IOError) in try Files.read(path) }
        }
        self.bundle = try content(bundle)
        self.javaStore = try content(javaStore)
    }

    /// - Parameter directory: some of the files have its name in them.
    func fingerprint(in directory: String, _ certutil: String?) -> Digest {
        var hash = SHA256()
        hash.update(Array("\(Self.form) \(certutil ?? "-") \(directory)\n".utf8))
        for input in [gate, bundle, javaStore] {
            hash.update(Array("\(input.count)\n".utf8))
            hash.update(input)
        }
        return hash.finalize()
    }
}
