import COpenSSL

/// Why a TLS connection ended or never came to be, as a sentence for an operator; names that the peer chose are escaped
/// and cut.
package enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stream ended without close_notify: what came so far may not be everything.
    case truncated
    case closedDuringHandshake
    case broken(errno: Int32)
    case expired(subject: String, on: String)
    case notYetValid(subject: String, until: String)
    case wrongName(expected: String, presented: [String])
    case unknownIssuer(String)
    case untrusted(String)
    /// The peer does not accept the certificate that it was shown.
    case distrusted(alert: String)
    /// The peer ended the connection with another alert.
    case refused(alert: String)
    case notTLS
    case violated(reason: String)

    package var description: String {
        switch self {
        case .truncated: "the connection ended without a TLS close: what was received may be incomplete"
        case .closedDuringHandshake: "the connection was closed during the TLS handshake"
        case .broken(let errno): "the connection \(Self.spoken(errno))"
        case .expired(let subject, let date): "the certificate \(subject) expired on \(date)"
        case .notYetValid(let subject, let date): "the certificate \(subject) is not valid before \(date)"
        case .wrongName(let expected, let presented):
            "the certificate is not for \(expected) but for \(presented.isEmpty ? "no name" : presented.joined(separator: ", "))"
        case .unknownIssuer(let issuer):
            "the certificate is from an unknown issuer (\(issuer)); if it is to be trusted, add its certificate to upstream.roots"
        case .untrusted(let reason): "the certificate cannot be verified: \(reason)"
        case .distrusted(let alert):
            "the other side does not accept the certificate it was shown (\(alert)); does it trust the authority?"
        case .refused(let alert): "the other side ended the TLS connection (\(alert))"
        case .notTLS: "the other side does not speak TLS on this port"
        case .violated(let reason): "the TLS connection failed: \(reason)"
        }
    }

    /// The numbers are those of Linux on every architecture that Tiergate runs on.
    private static func spoken(_ errno: Int32) -> String {
        switch errno {
        case 104, 32: "was reset by the other side"
        case 110: "timed out"
        case 113, 101: "lost its route"
        default: "broke (errno \(errno))"
        }
    }
}

extension TLSFailure {
    /// Reads and empties OpenSSL's error queue, whose first entry is the cause.
    static func takeQueued() -> TLSFailure {
        defer { ERR_clear_error() }
        let code = ERR_peek_error()
        guard code != 0 else { return .violated(reason: "OpenSSL gave no reason") }
        let reason = ERR_GET_REASON(code)
        // Alerts from the peer are reasons from 1000 on.
        if ERR_GET_LIB(code) == ERR_LIB_SSL, reason >= SSL_AD_REASON_OFFSET {
            return received(alert: reason - SSL_AD_REASON_OFFSET)
        }
        switch reason {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: return .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE:
            return .violated(reason: "the other side offers no TLS version from 1.2 on")
        case SSL_R_NO_SHARED_CIPHER: return .violated(reason: "the two sides have no cipher in common")
        case SSL_R_NO_APPLICATION_PROTOCOL: return .violated(reason: "the other side does not offer http/1.1 (ALPN)")
        default:
            return .violated(
                reason: ERR_reason_error_string(code).map { String(cString: $0) } ?? "OpenSSL error \(code)")
        }
    }

    private static func received(alert: Int32) -> TLSFailure {
        let word = "alert \(alert), " + String(cString: SSL_alert_desc_string_long(alert))
        switch alert {
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA:
            return .distrusted(alert: word)
        // Under TLS 1.3 it comes after the handshake, in place of an answer.
        case SSL_AD_CERTIFICATE_REQUIRED:
            return .refused(alert: "\(word); the gate has one to show where upstream.client_certificates says so")
        default: return .refused(alert: word)
        }
    }
}
