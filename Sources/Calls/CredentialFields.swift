/// The fields that say in whose name a call acts.
///
/// One list for everybody: the reader makes the principal of them, and the digest of a call has the principal instead.
/// A field that one left out and the other did not know would be bound to nothing.
package enum CredentialFields {
    /// In small letters.
    package static let names = [
        "authorization", "cookie", "x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token",
        "x-amz-security-token", "private-token", "job-token", "x-vault-token", "dd-api-key", "dd-application-key",
        "x-shopify-access-token", "x-goog-api-key", "x-consul-token", "ocp-apim-subscription-key", "circle-token",
        "x-figma-token", "x-postmark-server-token", "x-postmark-account-token", "x-n8n-api-key", "x-auth-key",
    ]
}
