import COpenSSL
package import Calls

/// A certificate as trust stores of other programs hold it.
package struct RootCertificate: Hashable, Sendable {
    package let der: [UInt8]

    /// Nil where these bytes are no X.509 certificate: one bad entry would make a whole store unreadable to its program.
    package init?(der: [UInt8]) {
        let isCertificate = der.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            guard let pointer = d2i_X509(nil, &next, buffer.count) else { return false }
            X509_free(pointer)
            return next == buffer.baseAddress.map { $0 + buffer.count }
        }
        ERR_clear_error()
        guard isCertificate else { return nil }
        self.der = der
    }

    /// Those of a PEM file, in its order, each once; what is no certificate, or cannot be read as one, is left out.
    package static func all(inPEM text: [UInt8]) -> [RootCertificate] {
        guard let bio = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { return [] }
        defer {
            BIO_free(bio)
            ERR_clear_error()
        }
        var found: [RootCertificate] = []
        var seen: Set<RootCertificate> = []
        while let der = next(in: bio) {
            if let certificate = RootCertificate(der: der), seen.insert(certificate).inserted {
                found.append(certificate)
            }
        }
        return found
    }

    /// The next PEM block that may be a certificate: empty bytes for another one, nil at the end.
    private static func next(in bio: OpaquePointer) -> [UInt8]? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard PEM_read_bio(bio, &name, &header, &data, &count) == 1 else { return nil }
        defer {
            tg_free(name)
            tg_free(header)
            tg_free(data)
        }
        // Not PEM_STRING_X509_TRUSTED: what OpenSSL appends to those no other program reads.
        let kinds = [PEM_STRING_X509, PEM_STRING_X509_OLD]
        guard let name, kinds.contains(String(cString: name)), let data else { return [] }
        return Array(UnsafeBufferPointer(start: data, count: count))
    }

    package func pem() throws(CryptoFailure) -> String {
        try writingPEM("a certificate") { bio in
            der.withUnsafeBufferPointer {
                PEM_write_bio(bio, PEM_STRING_X509, "", $0.baseAddress, $0.count) > 0 ? 1 : 0
            }
        }
    }

    /// SHA-256 of the DER form.
    package var fingerprint: Digest { SHA256.digest(der) }
}
