import COpenSSL
import Calls
import JSON

/// The bits of a socket's readiness byte, which the event loop sets and a TLS session clears when the kernel has no more.
package enum TLSReadiness {
    package static let readable: UInt8 = 1
    package static let writable: UInt8 = 2
    /// For ever: reads and writes then always ask the kernel, which says how it ended.
    package static let hangup: UInt8 = 4
}

/// One TLS connection over a non-blocking socket; no method waits.
///
/// Where a method wants to read or write, the socket's bit is clear, and the caller waits for the event loop to set it.
/// Used by one task at a time; the two directions may take turns.
package struct TLSSession: ~Copyable {
    package enum Progress: Sendable {
        case done, wantsRead, wantsWrite
        case failed(TLSFailure)
    }

    package enum Transfer: Sendable {
        case bytes(Int)
        /// The peer said that nothing more comes (close_notify).
        case closed
        case wantsRead, wantsWrite
        case failed(TLSFailure)
    }

    private nonisolated(unsafe) static let method = tg_wire_method()

    private let ssl: OpaquePointer
    private let wire: UnsafeMutablePointer<tg_wire>
    private let upstream: Upstream?
    private let naming: LeafNaming?

    init(
        _ context: OpaquePointer, _ descriptor: Int32, _ readiness: UnsafeMutablePointer<UInt8>, upstream: Upstream?,
        naming: LeafNaming? = nil
    ) throws(CryptoFailure) {
        guard let ssl = SSL_new(context) else {
            ERR_clear_error()
            throw .unavailable(what: "a TLS session")
        }
        let wire = UnsafeMutablePointer<tg_wire>.allocate(capacity: 1)
        wire.initialize(to: tg_wire(descriptor: descriptor, error: 0, readiness: readiness, ended: 0, broken: 0))
        guard let bio = tg_wire_bio(Self.method, wire) else {
            SSL_free(ssl)
            wire.deallocate()
            throw .unavailable(what: "a TLS session")
        }
        SSL_set_bio(ssl, bio, bio)
        self.ssl = ssl
        self.wire = wire
        self.upstream = upstream
        self.naming = naming
        // A session is a server's or a client's, and has one of the two.
        if let naming { SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(naming).toOpaque()) }
        if let upstream { SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(upstream).toOpaque()) }
    }

    deinit {
        // A session that ends without a shutdown counts as bad for OpenSSL, and could not be resumed; after an error of
        // the protocol it has taken care of that already.
        if SSL_is_init_finished(ssl) == 1 { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
        wire.deallocate()
    }

    /// Carries the handshake on; to be called until it is done or failed.
    package func handshake() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done }
        switch stop(result) {
        case .wantsRead: return .wantsRead
        case .wantsWrite: return .wantsWrite
        case .closed: return .failed(.closedDuringHandshake)
        case .failed(let failure): return .failed(failure)
        }
    }

    /// Decrypts at most one record's worth into `buffer`.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        guard !buffer.isEmpty else { return .bytes(0) }
        return transfer(SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// Encrypts and sends at most one record; after a want, the same bytes must be offered again (from anywhere).
    package func write(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        guard !buffer.isEmpty else { return .bytes(0) }
        return transfer(SSL_write(ssl, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// What a read would find, without taking it: to be asked before waiting for a next request or response.
    ///
    /// Bytes that OpenSSL has read ahead are invisible to the event loop, which would wait for ever; and looking makes
    /// OpenSSL give its buffer back where there is nothing. Tickets are taken in on the way: a pooled upstream whose
    /// socket became readable may have sent nothing else.
    package func peek() -> Transfer {
        var byte: UInt8 = 0
        return transfer(SSL_peek(ssl, &byte, 1))
    }

    /// Whether bytes were read from the socket that no read has returned: the loop does not know of them.
    package var hasPending: Bool { SSL_has_pending(ssl) == 1 }

    /// Tells the peer that nothing more comes, which closes what has no length; its own close is not waited for.
    package func shutdown() -> Progress {
        guard wire.pointee.broken == 0, SSL_is_init_finished(ssl) == 1 else { return .done }
        ERR_clear_error()
        let result = SSL_shutdown(ssl)
        if result >= 0 { return .done }
        switch stop(result) {
        case .wantsRead: return .wantsRead
        case .wantsWrite: return .wantsWrite
        case .closed: return .done
        case .failed(let failure): return .failed(failure)
        }
    }

    /// The name that the client asked for (SNI), known after the handshake; nil where it sent none.
    package var serverName: String? {
        SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    /// `http/1.1` where both sides spoke of protocols (ALPN), else nil.
    package var negotiatedProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name, length > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// Whether the handshake took up an earlier session, without certificates.
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }
}

@available(*, unavailable) extension TLSSession: Sendable {}

extension TLSSession {
    /// Why a call of OpenSSL's did not do what it was to do.
    private enum Stop {
        case wantsRead, wantsWrite, closed
        case failed(TLSFailure)
    }

    private func transfer(_ result: Int32) -> Transfer {
        if result > 0 { return .bytes(Int(result)) }
        switch stop(result) {
        case .wantsRead: return .wantsRead
        case .wantsWrite: return .wantsWrite
        case .closed: return .closed
        case .failed(let failure): return .failed(failure)
        }
    }

    private func stop(_ result: Int32) -> Stop {
        // What nearly always stops a call is asked for first, because it does not depend on the thread's queue of errors:
        // clearing that before each read and write would cost as much as all the rest of them but the cipher. Whoever
        // fails clears the queue, and a leftover could only make a failure of a proper end.
        switch UInt8(truncatingIfNeeded: tg_session_wants(ssl)) {
        case TLSReadiness.readable: return .wantsRead
        case TLSReadiness.writable: return .wantsWrite
        default: break
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            wire.pointee.broken = 1
            return .failed(failure())
        }
    }

    private func failure() -> TLSFailure {
        if let failure = upstream?.failure {
            ERR_clear_error()
            return failure
        }
        if ERR_peek_error() == 0 {
            if wire.pointee.error != 0 { return .broken(errno: wire.pointee.error) }
            if wire.pointee.ended != 0 { return SSL_is_init_finished(ssl) == 1 ? .truncated : .closedDuringHandshake }
        }
        return .takeQueued()
    }

    func answer(as leaf: Leaf) throws(CryptoFailure) {
        guard TLSSession.show(leaf, on: ssl) else { throw .unavailable(what: "a TLS session") }
        SSL_set_accept_state(ssl)
    }

    private static func show(_ leaf: Leaf, on ssl: OpaquePointer) -> Bool {
        let context = leaf.sessionContext
        guard
            SSL_set_session_id_context(ssl, context, UInt32(context.count)) == 1,
            SSL_use_cert_and_key(ssl, leaf.certificate.pointer, leaf.key.pointer, nil, 1) == 1
        else {
            ERR_clear_error()
            return false
        }
        return true
    }

    /// In the middle of a server's handshake, when the client's name is known: answers as that name where the session has
    /// somebody who finds leaves for names.
    static func answerByName(_ ssl: OpaquePointer) {
        guard let data = SSL_get_ex_data(ssl, 0), let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return
        }
        let naming = Unmanaged<LeafNaming>.fromOpaque(data).takeUnretainedValue()
        // Without one the leaf stays that was there, and the client finds that it is another's.
        if let leaf = naming.leaf(for: String(cString: name)) { _ = show(leaf, on: ssl) }
    }

    /// Names the host to the server and to the verification; an address is never sent as a name (RFC 6066 section 3).
    func ask(for authority: Authority) throws(CryptoFailure) {
        let host = authority.host.string
        let parameters = SSL_get0_param(ssl)
        // The common name is not looked at: a certificate without subjectAltName is for nobody (RFC 9525 section 2).
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        let isNamed =
            authority.isLiteral
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
            : X509_VERIFY_PARAM_set1_host(parameters, host, host.utf8.count) == 1 && tg_set_server_name(ssl, host) == 1
        guard isNamed else {
            ERR_clear_error()
            throw .unusableName
        }
        SSL_set_connect_state(ssl)
    }

    func resume(_ ticket: ResumptionStore.Ticket) {
        if SSL_set_session(ssl, ticket.session) != 1 { ERR_clear_error() }
    }
}
