import JSON

/// The signature in the body of a decision.
struct SignedOrder: Sendable {
    let nonce: String
    /// Nil: the account's own name.
    let signer: String?
    /// As ssh-keygen writes it, armoured.
    let armoured: [UInt8]

    init?(_ value: JSONNode?, _ limits: OperatorLimits) throws(OperatorProblem) {
        guard let value else { return nil }
        guard value.kind == .object else { throw .wrongMember("signature", expected: Self.meaning) }
        for (key, _) in value.members where !["nonce", "signer", "armoured"].contains(key.string) {
            throw .wrongMember("signature", expected: Self.meaning)
        }
        guard let nonce = value["nonce"]?.text?.string, let armoured = value["armoured"]?.text?.string,
            armoured.utf8.count <= limits.signatureBytes
        else { throw .wrongMember("signature", expected: Self.meaning) }
        signer = try value["signer"].map { name throws(OperatorProblem) in
            guard let text = name.text?.string, SignedWords.isName(text) else {
                throw .wrongMember("signature", expected: "of a signer named by letters, digits and . _ - @")
            }
            return text
        }
        self.nonce = nonce
        self.armoured = Array(armoured.utf8)
    }

    private static let meaning =
        "an object with nonce (of GET /v1/holds/ID/nonce), armoured (what `ssh-keygen -Y sign` wrote) and perhaps signer"
}
