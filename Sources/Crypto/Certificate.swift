import COpenSSL
import Calls

/// An X.509 certificate of OpenSSL's, immutable once made.
final class Certificate: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    init(pem: borrowing PEMInput, name: String) throws(CryptoFailure) {
        guard let pointer = PEM_read_bio_X509(pem.bio, nil, nil, nil) else {
            ERR_clear_error()
            throw .unreadable(file: name, reason: "there is no certificate in PEM form in it")
        }
        self.pointer = pointer
    }

    func pem() throws(CryptoFailure) -> String {
        try writingPEM("a certificate") { PEM_write_bio_X509($0, pointer) }
    }

    /// SHA-256 of the DER form.
    func fingerprint() throws(CryptoFailure) -> Digest {
        var length: UInt32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            count = X509_digest(pointer, EVP_sha256(), buffer.baseAddress, &length) == 1 ? Int(length) : 0
        }
        guard let digest = Digest(bytes) else { throw .unavailable(what: "a fingerprint") }
        return digest
    }
}
