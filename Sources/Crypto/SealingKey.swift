import COpenSSL

/// Seals what rests on disk: AES-256-GCM under a random nonce, written `nonce ‖ ciphertext ‖ tag`.
///
/// Associated data says what the content belongs to; it is not stored, and must be the same when opening. Random
/// nonces of 96 bits are safe for 2³² values a key (NIST SP 800-38D section 8.3).
package struct SealingKey: Sendable {
    package static let length = 32
    package static let overhead = nonceLength + tagLength
    private static let nonceLength = 12
    private static let tagLength = 16
    private nonisolated(unsafe) static let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) throws(CryptoFailure) {
        guard bytes.count == Self.length else { throw .wrongKeyLength(bytes.count) }
        self.bytes = bytes
    }

    package func seal(_ content: [UInt8], associated: [UInt8]) throws(CryptoFailure) -> [UInt8] {
        let nonce = SecureRandom.bytes(Self.nonceLength)
        guard let context = EVP_CIPHER_CTX_new(), content.count <= Int(Int32.max) - Self.overhead else {
            throw .unavailable(what: "a sealed value")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        var sealed = nonce
        sealed.append(contentsOf: repeatElement(0, count: content.count + Self.tagLength))
        var written: Int32 = 0
        let done = sealed.withUnsafeMutableBytes { buffer -> Bool in
            let output = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return EVP_EncryptInit_ex2(context, Self.cipher, bytes, nonce, nil) == 1
                && EVP_EncryptUpdate(context, nil, &written, associated, Int32(associated.count)) == 1
                && EVP_EncryptUpdate(
                    context, output?.advanced(by: Self.nonceLength), &written, content, Int32(content.count))
                    == 1
                && EVP_EncryptFinal_ex(context, nil, &written) == 1
                && tg_cipher_get_tag(
                    context, output?.advanced(by: Self.nonceLength + content.count), Int32(Self.tagLength)) == 1
        }
        guard done else { throw .unavailable(what: "a sealed value") }
        return sealed
    }

    package func open(_ sealed: [UInt8], associated: [UInt8]) throws(CryptoFailure) -> [UInt8] {
        guard sealed.count >= Self.overhead, sealed.count <= Int(Int32.max) else { throw .cannotOpen }
        guard let context = EVP_CIPHER_CTX_new() else { throw .unavailable(what: "an opened value") }
        defer { EVP_CIPHER_CTX_free(context) }
        let length = sealed.count - Self.overhead
        var tag = Array(sealed.suffix(Self.tagLength))
        var written: Int32 = 0
        var opened = false
        let content = [UInt8](unsafeUninitializedCapacity: max(1, length)) { buffer, count in
            opened = sealed.withUnsafeBufferPointer { input in
                EVP_DecryptInit_ex2(context, Self.cipher, bytes, input.baseAddress, nil) == 1
                    && EVP_DecryptUpdate(context, nil, &written, associated, Int32(associated.count)) == 1
                    && EVP_DecryptUpdate(
                        context, buffer.baseAddress, &written, input.baseAddress?.advanced(by: Self.nonceLength),
                        Int32(length)) == 1
                    && tg_cipher_set_tag(context, &tag, Int32(Self.tagLength)) == 1
                    && EVP_DecryptFinal_ex(context, nil, &written) == 1
            }
            // Bytes that failed their tag are nobody's business.
            count = opened ? length : 0
        }
        guard opened else { throw .cannotOpen }
        return content
    }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// The bytes never reach a message, whoever prints whatever holds this.
    package var description: String { "a sealing key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
