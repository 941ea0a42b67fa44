import Calls
import Holds
import JSON

/// Signed decisions: a number that counts once, and what was signed with it.
extension OperatorServer {
    /// A nonce for a decision about one hold by the account that asks.
    func drawNonce(for name: String, _ peer: Peer) async throws(OperatorProblem) -> OperatorReply {
        guard let id = HoldID(name) else {
            throw .wholeIDRequired(
                VisibleText.show(name, limit: 100), try await candidates(for: name).map { view($0) })
        }
        guard let signatures else { throw .noSigners }
        if let weakness = signatures.weakness { throw .cannotVerify(reason: weakness) }
        let hold = try await found { () async throws(DecisionFailure) in try await gate.hold(id) }
        let nonce = nonces.draw(for: id, by: peer.person.uid, at: now())
        let drawn = NonceView(
            hold: id.description, digest: hold.digest.description, nonce: nonce.text,
            expires: nonce.expires.description, namespace: ApprovalText.namespace)
        return .ok(JSONWriter.object(drawn.write), digest: hold.digest)
    }

    /// Whose key signed the decision as the gate itself puts it into words.
    func verify(
        _ signed: SignedOrder, by signer: String, _ decision: String, _ reason: String?, _ hold: HoldID,
        _ digest: Digest, _ peer: Peer
    ) async throws(OperatorProblem) -> Decision.Signature {
        guard let signatures else { throw .noSigners }
        let nonce: Nonces.Nonce
        do throws(Nonces.Failure) {
            nonce = try nonces.take(signed.nonce, for: hold, by: peer.person.uid, at: now())
        } catch {
            switch error {
            case .unknown: throw .unknownNonce(life: limits.nonceLife)
            case .expired(let end): throw .expiredNonce(at: end, life: limits.nonceLife)
            }
        }
        let text = ApprovalText.text(
            hold: hold.description, digest: digest.description, decision: decision, reason: reason, nonce: nonce.text,
            expires: nonce.expires.description)
        do throws(SignatureCheck.Failure) {
            return try await signatures.verify(text, signed.armoured, by: signer)
        } catch {
            switch error {
            case .refused(let words): throw .badSignature(signer: signer, words: words, file: signatures.file)
            case .impossible(let reason): throw .cannotVerify(reason: reason)
            }
        }
    }
}

extension DecisionAction {
    /// As a signed text has it; steps that end nothing are not signed.
    func words(_ order: DecisionOrder) -> String {
        switch self {
        case .approve: ApprovalText.Words.approve(now: order.isImmediate)
        case .reject: ApprovalText.Words.reject
        case .reopen: ApprovalText.Words.reopen
        case .resolve: ApprovalText.Words.resolve(wasExecuted: order.wasExecuted)
        case .claim, .handover, .extend, .ask, .edit: rawValue
        }
    }
}

/// What a decision is signed with.
package struct NonceView: Hashable, Sendable {
    package let hold: String
    package let digest: String
    package let nonce: String
    package let expires: String
    package let namespace: String

    func write(into json: inout JSONWriter.Object) {
        json.field("hold", hold)
        json.field("digest", digest)
        json.field("nonce", nonce)
        json.field("expires", expires)
        json.field("namespace", namespace)
    }

    init(hold: String, digest: String, nonce: String, expires: String, namespace: String) {
        self.hold = hold
        self.digest = digest
        self.nonce = nonce
        self.expires = expires
        self.namespace = namespace
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        hold = try json.string("hold")
        digest = try json.string("digest")
        nonce = try json.string("nonce")
        expires = try json.string("expires")
        namespace = try json.string("namespace")
    }
}
