import COpenSSL

/// A certificate while it is being filled in; each step says whether OpenSSL took it.
struct CertificateDraft: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptoFailure) {
        guard let pointer = X509_new() else { throw .unavailable(what: "a certificate") }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    /// X.509 version 3 with a random serial number of 127 bits (RFC 5280 section 4.1.2.2: positive, at most 20 bytes),
    /// valid from an hour ago, for clocks that run behind.
    func begin(key: PrivateKey, lifetime seconds: Int) throws(CryptoFailure) {
        var serial = SecureRandom.bytes(16)
        serial[0] = serial[0] & 0x7F | 0x40
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else {
            throw .unavailable(what: "a serial number")
        }
        defer { BN_free(number) }
        let backdating = 3600
        guard
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil,
            X509_set_version(pointer, 2) == 1,
            X509_gmtime_adj(X509_getm_notBefore(pointer), -backdating) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), seconds - backdating) != nil,
            X509_set_pubkey(pointer, key.pointer) == 1
        else { throw .unavailable(what: "a certificate") }
    }

    func setSubject(_ name: OpaquePointer?, issuer: OpaquePointer?) throws(CryptoFailure) {
        guard X509_set_subject_name(pointer, name) == 1, X509_set_issuer_name(pointer, issuer) == 1 else {
            throw .unavailable(what: "a certificate's names")
        }
    }

    func add(_ extensions: [Extension]) throws(CryptoFailure) {
        for each in extensions {
            guard X509_add_ext(pointer, each.pointer, -1) == 1 else {
                throw .unavailable(what: "a certificate's extensions")
            }
        }
    }

    consuming func signed(by key: PrivateKey) throws(CryptoFailure) -> Certificate {
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0, X509_up_ref(pointer) == 1 else {
            ERR_clear_error()
            throw .unavailable(what: "a signature with the authority's key")
        }
        return Certificate(adopting: pointer)
    }
}

/// One extension, made once and copied into every certificate that carries it.
final class Extension: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    /// - Parameter value: in OpenSSL's configuration syntax: constants only, never a name that came from outside.
    init(_ kind: Int32, _ value: StaticString, subject: OpaquePointer? = nil, issuer: OpaquePointer? = nil)
        throws(CryptoFailure)
    {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, subject, nil, nil, 0)
        guard let pointer = X509V3_EXT_conf_nid(nil, &context, kind, value.description) else {
            ERR_clear_error()
            throw .unavailable(what: "a certificate's extensions")
        }
        self.pointer = pointer
    }

    deinit { X509_EXTENSION_free(pointer) }
}

/// Whom a leaf certificate is for.
struct SubjectAlternativeName: ~Copyable {
    private let names: OpaquePointer

    /// Refuses what is neither a host name nor an address: the name came from an agent.
    init(_ name: String) throws(CryptoFailure) {
        guard let entry = Self.entry(name) else { throw .unusableName }
        guard let names = GENERAL_NAMES_new(), tg_general_names_push(names, entry) > 0 else {
            GENERAL_NAME_free(entry)
            throw .unavailable(what: "a certificate's names")
        }
        self.names = names
    }

    deinit { GENERAL_NAMES_free(names) }

    /// - Parameter critical: RFC 5280 section 4.2.1.6 asks it where the subject is empty.
    func add(to draft: borrowing CertificateDraft) throws(CryptoFailure) {
        guard X509_add1_ext_i2d(draft.pointer, NID_subject_alt_name, UnsafeMutableRawPointer(names), 0, 0) == 1 else {
            throw .unavailable(what: "a certificate's names")
        }
    }

    private static func entry(_ name: String) -> UnsafeMutablePointer<GENERAL_NAME>? {
        let looksNumeric = name.utf8.contains(0x3A) || name.utf8.last.map { $0 &- 0x30 < 10 } ?? false
        if looksNumeric, let address = a2i_IPADDRESS(name) {
            guard let entry = GENERAL_NAME_new() else {
                ASN1_OCTET_STRING_free(address)
                return nil
            }
            GENERAL_NAME_set0_value(entry, GEN_IPADD, address)
            return entry
        }
        ERR_clear_error()
        guard isHostName(name), let entry = GENERAL_NAME_new() else { return nil }
        guard let text = ASN1_IA5STRING_new(), ASN1_STRING_set(text, name, Int32(name.utf8.count)) == 1 else {
            GENERAL_NAME_free(entry)
            return nil
        }
        GENERAL_NAME_set0_value(entry, GEN_DNS, text)
        return entry
    }

    /// Letters, digits, `-`, `_` and single dots between labels of up to 63 bytes, 253 in all (RFC 1035 section 2.3.4).
    static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        var label = 0
        for byte in name.utf8 {
            switch byte {
            case 0x2E:
                guard label > 0 else { return false }
                label = 0
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x5F:
                label += 1
                guard label <= 63 else { return false }
            default: return false
            }
        }
        return label > 0
    }
}
