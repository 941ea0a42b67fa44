import COpenSSL
import Calls
import JSON

/// Says why a certificate chain was refused, from OpenSSL's state at that moment.
enum Verification {
    /// How many of a certificate's names a message shows.
    private static let namesShown = 5
    /// How much of a subject or issuer a message shows; a certificate may carry kilobytes.
    private static let textShown = 200

    static func failure(in store: OpaquePointer, expecting authority: Authority) -> TLSFailure {
        let error = X509_STORE_CTX_get_error(store)
        guard let certificate = X509_STORE_CTX_get_current_cert(store) else {
            return .untrusted(String(cString: X509_verify_cert_error_string(Int(error))))
        }
        switch error {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return .expired(subject: subject(certificate), on: date(X509_get0_notAfter(certificate)))
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return .notYetValid(subject: subject(certificate), until: date(X509_get0_notBefore(certificate)))
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return .wrongName(expected: authority.host.string, presented: names(certificate))
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return .unknownIssuer(
                text("an issuer without a name") {
                    tg_print_name($0, X509_get_issuer_name(certificate))
                })
        default:
            return .untrusted(String(cString: X509_verify_cert_error_string(Int(error))))
        }
    }

    private static func subject(_ certificate: OpaquePointer) -> String {
        text(names(certificate).first ?? "without a name") {
            tg_print_name($0, X509_get_subject_name(certificate))
        }
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        text("an unreadable date") { ASN1_TIME_print($0, time) }
    }

    /// The names that clients look at, as far as a message shows them.
    private static func names(_ certificate: OpaquePointer) -> [String] {
        guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(list)
        defer { GENERAL_NAMES_free(names) }
        return (0..<min(Int32(namesShown), tg_general_name_count(names))).compactMap { index in
            guard let name = tg_general_name(names, index) else { return nil }
            if let host = tg_dns_name(name) {
                return text("?") { tg_print_string($0, host) }
            }
            return tg_ip_address(name).flatMap { address in
                let count = Int(ASN1_STRING_length(address))
                return ASN1_STRING_get0_data(address).flatMap { spoken(UnsafeBufferPointer(start: $0, count: count)) }
            }
        }
    }

    private static func spoken(_ address: UnsafeBufferPointer<UInt8>) -> String? {
        switch address.count {
        case 4: address.map { String($0) }.joined(separator: ".")
        case 16:
            stride(from: 0, to: 16, by: 2).map { String(UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]), radix: 16) }
                .joined(separator: ":")
        default: nil
        }
    }

    /// What OpenSSL prints, escaped to ASCII by it, cut, and `absent` where it prints nothing.
    private static func text(_ absent: String, _ print: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return absent }
        defer { BIO_free(bio) }
        var start: UnsafeMutablePointer<CChar>?
        guard print(bio) >= 0 else {
            ERR_clear_error()
            return absent
        }
        let count = min(tg_memory_contents(bio, &start), textShown)
        guard count > 0 else { return absent }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
