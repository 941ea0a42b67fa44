package import JSON

/// Names whose values are never shown, and never recorded: credentials in fields, queries and bodies.
package enum SecretNames {
    /// Ends of names, compared without case and separators: `X-Goog-Api-Key`, `client_secret`, `MasterUserPassword`.
    private static let endings = [
        "token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "secretkey",
        "signingkey", "authkey", "applicationkey", "credential", "credentials", "authorization", "cookie",
        "secretstring", "secretbinary", "secretvalue",
    ]

    /// In a query or a field these are a signature or a key as well; in a body they may be a letter's last line, or
    /// the name of an object.
    private static let endingsOutsideBodies = ["signature", "sig", "key"]

    package static func hides(_ name: Text, isInBody: Bool) -> Bool {
        let plain = String(
            decoding: name.asciiLowercased.utf8.filter { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 }, as: UTF8.self)
        return CredentialFields.names.contains(name.asciiLowercased.string) || endings.contains(where: plain.hasSuffix)
            || (!isInBody && plain != "idempotencykey" && endingsOutsideBodies.contains(where: plain.hasSuffix))
    }

    /// What stands in a value's place.
    package static func note(_ count: Int) -> String { "⟨redacted, \(count) bytes⟩" }
}
