import COpenSSL
import Calls
import Synchronization

/// The last TLS session with each upstream, to begin the next connection with.
final class ResumptionStore: Sendable {
    /// A session that began with a verified certificate, and when that was.
    final class Ticket: Sendable {
        nonisolated(unsafe) let session: OpaquePointer
        let verified: ContinuousClock.Instant

        /// Takes over the caller's reference.
        init(adopting session: OpaquePointer, verified: ContinuousClock.Instant) {
            self.session = session
            self.verified = verified
        }

        deinit { SSL_SESSION_free(session) }

        /// Resuming skips the certificate: only for a while after it was verified, and never after its end.
        var isUsable: Bool {
            guard
                SSL_SESSION_is_resumable(session) == 1, let peer = SSL_SESSION_get0_peer(session),
                ContinuousClock.now < verified + TLSClientContext.longestResumption
            else { return false }
            return X509_cmp_current_time(X509_get0_notAfter(peer)) > 0
        }
    }

    private let tickets: Mutex<RecentCache<Authority, Ticket>>

    init(limit: Int) { tickets = Mutex(RecentCache(limit: limit)) }

    func ticket(for authority: Authority) -> Ticket? {
        guard let ticket = tickets.withLock({ $0.value(for: authority) }) else { return nil }
        if ticket.isUsable { return ticket }
        tickets.withLock { $0.remove(authority) }
        return nil
    }

    func keep(_ ticket: Ticket, for authority: Authority) {
        tickets.withLock { $0.insert(ticket, for: authority) }
    }
}
