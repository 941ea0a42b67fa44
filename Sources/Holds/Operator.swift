package import Calls

/// A person who decides, as the kernel names them: never from anything that was sent.
package struct Operator: Hashable, Sendable, CustomStringConvertible {
    package let uid: UInt32
    /// The account's name, or the uid in digits where there is none.
    package let name: String

    package init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }

    package var description: String { name }
}

/// What a person said about a hold, and when.
package struct Decision: Hashable, Sendable {
    package let by: Operator
    package let at: Timestamp
    package let reason: String?
    /// Send the stored call without waiting for the agent (`approve --now`).
    package let isImmediate: Bool
    /// The key that the person signed it with; nil where it is the account's word alone.
    package let signature: Signature?

    /// Whose key is under a decision, as it was verified.
    package struct Signature: Hashable, Sendable {
        /// The name that the site's list of signers has for the key.
        package let signer: String
        /// The key's fingerprint: `SHA256:…`.
        package let key: String

        package init(signer: String, key: String) {
            self.signer = signer
            self.key = key
        }
    }

    package init(
        by: Operator, at: Timestamp, reason: String? = nil, isImmediate: Bool = false, signature: Signature? = nil
    ) {
        self.by = by
        self.at = at
        self.reason = reason
        self.isImmediate = isImmediate
        self.signature = signature
    }

    /// Who it was: the signer where there is one, behind whatever account.
    package var person: String { signature?.signer ?? by.name }

    /// Whether nothing tells the two persons apart. An account is one person unless each signed with a key of his own; a
    /// signer is one person behind every account, and so is a key under every name.
    package func isOfSamePerson(as other: Decision) -> Bool {
        switch (signature, other.signature) {
        case (let own?, let others?): own.signer == others.signer || own.key == others.key
        case (let own?, nil): by.uid == other.by.uid || own.signer == other.by.name
        case (nil, let others?): by.uid == other.by.uid || others.signer == by.name
        case (nil, nil): by.uid == other.by.uid
        }
    }

    /// The same, sent without waiting for the agent.
    var immediate: Decision {
        Decision(by: by, at: at, reason: reason, isImmediate: true, signature: signature)
    }
}
