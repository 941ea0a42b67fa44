import COpenSSL

/// A private key of OpenSSL's, shared by reference count.
final class PrivateKey: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    private init(adopting pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    static func generateP256() throws(CryptoFailure) -> PrivateKey {
        guard let pointer = tg_generate_p256() else { throw .unavailable(what: "a P-256 key") }
        return PrivateKey(adopting: pointer)
    }

    /// Reads PKCS#8, SEC 1 (`EC PRIVATE KEY`) or PKCS#1; the file is called `name` in messages.
    init(pem: borrowing PEMInput, name: String) throws(CryptoFailure) {
        // Without a callback OpenSSL would ask for the passphrase at the terminal.
        guard let pointer = PEM_read_bio_PrivateKey(pem.bio, nil, { _, _, _, _ in -1 }, nil) else {
            ERR_clear_error()
            throw .unreadable(file: name, reason: "there is no unencrypted private key in PEM form in it")
        }
        self.pointer = pointer
    }

    /// PKCS#8 in PEM form.
    func pem() throws(CryptoFailure) -> String {
        try writingPEM("a private key") { PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }
}

/// A file that OpenSSL reads PEM from.
struct PEMInput: ~Copyable {
    let bio: OpaquePointer

    init(file: String) throws(CryptoFailure) {
        guard let bio = BIO_new_file(file, "r") else {
            let isMissing = ERR_GET_REASON(ERR_peek_last_error()) == BIO_R_NO_SUCH_FILE
            ERR_clear_error()
            throw .unreadable(file: file, reason: isMissing ? "there is no such file" : "it cannot be opened")
        }
        self.bio = bio
    }

    deinit { BIO_free(bio) }
}

/// What `write` writes into a memory buffer, as text.
func writingPEM(_ what: String, _ write: (OpaquePointer) -> Int32) throws(CryptoFailure) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { throw .unavailable(what: what) }
    defer { BIO_free(bio) }
    var start: UnsafeMutablePointer<CChar>?
    guard write(bio) == 1 else { throw .unavailable(what: what) }
    let count = tg_memory_contents(bio, &start)
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}
