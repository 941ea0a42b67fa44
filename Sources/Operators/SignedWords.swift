/// A signature on its way to the gate.
package struct SignedWords: Sendable {
    let nonce: String
    /// Nil: the account's own name.
    let signer: String?
    /// As ssh-keygen wrote it.
    let armoured: String

    package init(nonce: String, signer: String?, armoured: String) {
        self.nonce = nonce
        self.signer = signer
        self.armoured = armoured
    }

    /// Whether a text can name a signer: it is no pattern (ssh-keygen(1), PATTERNS), and no option.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.first != 0x2D
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x40, 0x5F: true
                default: false
                }
            }
    }
}
