import Calls
import Synchronization

/// Numbers that make a signature count once: drawn for one hold and one account, taken by the first decision that names
/// them. They are nowhere but in memory: after a restart a new one is drawn.
final class Nonces: Sendable {
    struct Nonce: Hashable, Sendable {
        let text: String
        let expires: Timestamp
    }

    /// Why a nonce does not count.
    enum Failure: Error, Hashable {
        /// Never drawn, for another hold or by another account, or taken already.
        case unknown
        case expired(at: Timestamp)
    }

    private struct Entry {
        let hold: HoldID
        let account: UInt32
        let nonce: Nonce
    }

    private let limits: OperatorLimits
    /// Oldest first.
    private let entries = Mutex<[Entry]>([])

    init(_ limits: OperatorLimits) { self.limits = limits }

    /// Of one account and of all, the oldest makes room: nobody can keep others from drawing for long.
    func draw(for hold: HoldID, by account: UInt32, at now: Timestamp) -> Nonce {
        let random = (0..<2).map { _ in UInt64.random(in: .min ... .max) }
        let digits = random.map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        let nonce = Nonce(text: digits.joined(), expires: now + limits.nonceLife)
        entries.withLock { entries in
            // Kept a while after its end, so that who is late is told so.
            entries.removeAll { $0.nonce.expires + limits.nonceLife < now }
            let own = entries.indices.filter { entries[$0].account == account }
            if own.count >= limits.noncesPerAccount, let oldest = own.first {
                entries.remove(at: oldest)
            } else if entries.count >= limits.nonces {
                entries.removeFirst()
            }
            entries.append(Entry(hold: hold, account: account, nonce: nonce))
        }
        return nonce
    }

    /// Takes it, whatever comes of the signature that names it.
    func take(_ text: String, for hold: HoldID, by account: UInt32, at now: Timestamp) throws(Failure) -> Nonce {
        let entry = entries.withLock { entries -> Entry? in
            let place = entries.firstIndex { $0.nonce.text == text && $0.hold == hold && $0.account == account }
            return place.map { entries.remove(at: $0) }
        }
        guard let nonce = entry?.nonce else { throw .unknown }
        guard now < nonce.expires else { throw .expired(at: nonce.expires) }
        return nonce
    }
}
