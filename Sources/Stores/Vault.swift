import Calls
import Crypto
import Holds

/// Seals what a hold contains, bound to the hold, its digest and what it is: nothing opens in another's place.
struct Vault: Sendable {
    enum Kind: String {
        case request, answer
        /// What a person made of the request.
        case edited
        /// What the call is about to change.
        case before
    }

    let key: SealingKey

    func seal(_ content: Content, _ kind: Kind, of id: HoldID, _ digest: Digest) throws(StoreFailure) -> [UInt8] {
        do throws(CryptoFailure) {
            return try key.seal(content.bytes, associated: place(kind, id, digest, content.spool))
        } catch {
            throw .unavailable(reason: error.description)
        }
    }

    func open(
        _ sealed: [UInt8], _ kind: Kind, of id: HoldID, _ digest: Digest, spool: String?
    ) throws(StoreFailure) -> Content {
        do throws(CryptoFailure) {
            return Content(
                bytes: try key.open(sealed, associated: place(kind, id, digest, spool)), spool: spool)
        } catch {
            throw .damaged(reason: "the \(kind.rawValue) of hold \(id): \(error)")
        }
    }

    /// Fixed lengths first, and one part of any length last: two places never have the same bytes.
    private func place(_ kind: Kind, _ id: HoldID, _ digest: Digest, _ spool: String?) -> [UInt8] {
        Array(id.description.utf8) + digest.bytes + Array(kind.rawValue.utf8.prefix(1)) + Array((spool ?? "").utf8)
    }
}
