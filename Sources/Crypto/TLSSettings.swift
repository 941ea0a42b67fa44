import COpenSSL

/// What server and client contexts have in common.
enum TLSSettings {
    /// `http/1.1` as ALPN lists it: a length and the bytes.
    static let alpn: [UInt8] = [8] + Array("http/1.1".utf8)

    static func context(_ method: OpaquePointer?) throws(CryptoFailure) -> OpaquePointer {
        guard let context = SSL_CTX_new(method) else {
            ERR_clear_error()
            throw .unavailable(what: "a TLS context")
        }
        guard tg_context_set_oldest_version(context, TLS1_2_VERSION) == 1 else {
            SSL_CTX_free(context)
            throw .unavailable(what: "a TLS context")
        }
        // The buffers of a session that waits are given back; without read-ahead, release alone saves little, and a
        // record costs two reads instead of one.
        tg_context_set_mode(
            context,
            Int(
                SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
                    | SSL_MODE_AUTO_RETRY))
        tg_context_set_read_ahead(context)
        tg_context_set_options(context)
        return context
    }
}
