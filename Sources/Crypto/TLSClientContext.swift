import COpenSSL
package import Calls

/// What the upstream side needs for TLS: whom to trust, and the sessions to resume.
package final class TLSClientContext: Sendable {
    /// Upstreams whose last session is kept.
    package static let resumableUpstreams = 4096
    /// A certificate is verified anew after this time, however often the session was resumed.
    package static let longestResumption = Duration.seconds(3600)
    /// Intermediates between a leaf and its root.
    package static let longestChain: Int32 = 8

    nonisolated(unsafe) let context: OpaquePointer
    let resumption = ResumptionStore(limit: resumableUpstreams)

    /// - Parameters:
    ///   - roots: PEM files of authorities to trust beside the system's.
    ///   - system: whether the system's store counts (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured). It is read here
    ///     and now: a look-up in the middle of a handshake would keep a whole event loop waiting for the disk.
    package init(roots: [String], system: Bool = true) throws(CryptoFailure) {
        context = try TLSClientContext.make()
        if system, SystemRoots.load(into: context) == 0, roots.isEmpty {
            throw .unreadable(file: "the system's certificate store", reason: "is ca-certificates installed?")
        }
        for file in roots where SSL_CTX_load_verify_file(context, file) != 1 {
            ERR_clear_error()
            throw .unreadable(file: file, reason: "there are no certificates in PEM form in it, or it cannot be opened")
        }
    }

    /// Trusts whom `other` trusts, and shows a certificate to servers that ask for one (mutual TLS).
    ///
    /// - Parameters:
    ///   - certificate: a PEM file: the certificate, then its intermediates.
    ///   - key: a PEM file with its private key, without a passphrase.
    package init(like other: TLSClientContext, certificate: String, key: String) throws(CryptoFailure) {
        context = try TLSClientContext.make()
        SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(other.context))
        // Without it OpenSSL would ask for a passphrase on the terminal.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        defer { ERR_clear_error() }
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .unreadable(
                file: certificate, reason: "there is no certificate in PEM form in it, or it cannot be opened")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            let isOther = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
            throw .unreadable(
                file: key,
                reason: isOther
                    ? "it is not the key of \(certificate)"
                    : "there is no private key in PEM form without a passphrase in it, or it cannot be opened")
        }
    }

    private static func make() throws(CryptoFailure) -> OpaquePointer {
        let context = try TLSSettings.context(TLS_client_method())
        // X509_V_FLAG_X509_STRICT is left out: 4 of the 139 roots in Debian 12's store do not meet it.
        SSL_CTX_set_verify_depth(context, Self.longestChain)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isFine, store in TLSClientContext.verified(isFine, store) }
        guard SSL_CTX_set_alpn_protos(context, alpn, UInt32(alpn.count)) == 0 else {
            SSL_CTX_free(context)
            throw .unavailable(what: "a TLS context")
        }
        tg_context_set_session_cache_mode(context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(context) { ssl, session in TLSClientContext.received(ssl, session) }
        return context
    }

    /// `http/1.1`, and `http/1.0` for upstreams that name nothing else: to a request of 1.1 they answer in 1.0.
    private static let alpn = TLSSettings.alpn + [8] + Array("http/1.0".utf8)

    deinit { SSL_CTX_free(context) }

    /// A session with `authority` on a connected socket; its certificate must be for that host or address.
    ///
    /// - Parameters:
    ///   - descriptor: stays the caller's, and must outlive the session.
    ///   - readiness: the event loop's byte for the socket (`TLSReadiness`); must outlive the session.
    package func connect(_ descriptor: Int32, readiness: UnsafeMutablePointer<UInt8>, to authority: Authority)
        throws(CryptoFailure) -> TLSSession
    {
        let upstream = Upstream(authority, resumption)
        let session = try TLSSession(context, descriptor, readiness, upstream: upstream)
        try session.ask(for: authority)
        if let ticket = resumption.ticket(for: authority) {
            upstream.resumed = ticket
            session.resume(ticket)
        }
        return session
    }

    /// Notes why a certificate is refused: after the handshake failed, OpenSSL no longer knows which one it was.
    private static func verified(_ isFine: Int32, _ store: OpaquePointer?) -> Int32 {
        guard isFine != 1 else { return 1 }
        guard
            let store,
            let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let upstream = Upstream.of(OpaquePointer(ssl))
        else { return 0 }
        upstream.failure = Verification.failure(in: store, expecting: upstream.authority)
        return 0
    }

    /// - Returns: 1, as the session is kept, with its reference; 0 where it is not.
    private static func received(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
        guard let ssl, let session, let upstream = Upstream.of(ssl) else { return 0 }
        upstream.keep(session, isResumed: SSL_session_reused(ssl) == 1)
        return 1
    }
}

/// What a client session's callbacks need; owned by the session.
final class Upstream {
    let authority: Authority
    var failure: TLSFailure?
    var resumed: ResumptionStore.Ticket?
    private let resumption: ResumptionStore

    init(_ authority: Authority, _ resumption: ResumptionStore) {
        self.authority = authority
        self.resumption = resumption
    }

    static func of(_ ssl: OpaquePointer) -> Upstream? {
        SSL_get_ex_data(ssl, 0).map { Unmanaged<Upstream>.fromOpaque($0).takeUnretainedValue() }
    }

    func keep(_ session: OpaquePointer, isResumed: Bool) {
        let verified = isResumed ? resumed?.verified : nil
        resumption.keep(.init(adopting: session, verified: verified ?? .now), for: authority)
    }
}
