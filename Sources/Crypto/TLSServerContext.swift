import COpenSSL

/// What the agent's side of the gate needs for TLS: the settings and the ticket keys of its sessions.
package final class TLSServerContext: Sendable {
    nonisolated(unsafe) let context: OpaquePointer

    package init() throws(CryptoFailure) {
        context = try TLSSettings.context(TLS_server_method())
        // Tickets carry the session, and nothing is kept here for an agent that never comes back. One is enough: an
        // agent that opens several connections at once gets one with each.
        tg_context_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_num_tickets(context, 1)
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, selected, selectedLength, offered, offeredLength, _ in
                TLSServerContext.select(
                    selected, selectedLength, UnsafeBufferPointer(start: offered, count: Int(offeredLength)))
            }, nil)
        tg_context_set_server_name_callback(context) { ssl, _, _ in
            if let ssl { TLSSession.answerByName(ssl) }
            // As without a callback: whose name it may be is looked at after the handshake.
            return SSL_TLSEXT_ERR_NOACK
        }
    }

    deinit { SSL_CTX_free(context) }

    /// A session that answers as `leaf` on a connected socket.
    ///
    /// - Parameters:
    ///   - descriptor: stays the caller's, and must outlive the session.
    ///   - readiness: the event loop's byte for the socket (`TLSReadiness`); must outlive the session.
    ///   - leaf: of whom the client is taken to call.
    ///   - naming: another leaf for the name that the client asks for; nil where `leaf` is for whatever it asks.
    package func accept(
        _ descriptor: Int32, readiness: UnsafeMutablePointer<UInt8>, as leaf: Leaf, naming: LeafNaming? = nil
    ) throws(CryptoFailure) -> TLSSession {
        let session = try TLSSession(context, descriptor, readiness, upstream: nil, naming: naming)
        try session.answer(as: leaf)
        return session
    }

    /// Takes http/1.1 where it is offered; offers without it are refused (RFC 7301 section 3.2), so that nobody speaks
    /// HTTP/2 to a reader of HTTP/1.
    private static func select(
        _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        var index = 0
        while index < offered.count {
            let end = index + 1 + Int(offered[index])
            guard end <= offered.count else { break }
            if offered[index..<end].elementsEqual(TLSSettings.alpn) {
                selected?.pointee = offered.baseAddress?.advanced(by: index + 1)
                length?.pointee = offered[index]
                return SSL_TLSEXT_ERR_OK
            }
            index = end
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
