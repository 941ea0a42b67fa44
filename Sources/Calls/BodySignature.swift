import JSON

/// Which calls carry a signature or a sum over their own body or head: what is changed in them is refused upstream, or
/// worse, taken for damaged.
package enum BodySignature {
    /// Fields that are a signature or a sum over the message, in small letters.
    private static let names: Set<String> = [
        "signature", "signature-input", "content-md5", "digest", "content-digest", "repr-digest", "x-goog-hash",
        "x-ms-content-sha256", "x-ms-content-md5", "x-ms-blob-content-md5", "x-ms-content-crc64", "x-amz-checksum",
        "x-amz-trailer", "x-bz-content-sha1", "cb-access-sign", "api-sign", "x-bapi-sign",
        "x-authorization-content-sha256",
        "x-jws-signature",
    ]
    /// Ends of such names: `X-Hub-Signature-256`, `Stripe-Signature`, `X-Shopify-Hmac-Sha256`.
    private static let endings = [
        "-signature", "-signature-256", "-signature-ed25519", "-hmac-sha256", "-hmac", "-checksum", "-content-sha256",
    ]
    /// Schemes of Authorization that sign more than who asks. OAuth 1 signs the fields of a form.
    private static let schemes: [Text] = [
        "aws4-", "aws ", "goog4-", "goog1 ", "sharedkey ", "sharedkeylite ", "oauth ", "hawk ", "digest ", "signature ",
        "hmac-", "hmac ", "acs3-", "tc3-", "sdk-hmac-", "bce-auth-", "eg1-hmac-",
    ]
    private static let parameters: Set<Text> = ["x-amz-signature", "x-goog-signature", "oauth_signature", "signature"]

    /// What signs the call, as a sentence goes on: `its X-Hub-Signature field`; nil where nothing does.
    package static func covering(_ call: Call) -> String? {
        for index in 0..<call.fields.count {
            guard let name = Text(utf8: call.fields.name(at: index)) else { continue }
            let small = name.asciiLowercased.string
            if names.contains(small) || small.hasPrefix("x-amz-checksum-") || endings.contains(where: small.hasSuffix) {
                // A body that AWS was told not to look at.
                if small == "x-amz-content-sha256", isUnsigned(call.fields.value(at: index)) { continue }
                return "its \(name) field"
            }
        }
        if let value = call.fields.text("authorization")?.asciiLowercased,
            schemes.contains(where: { value.hasPrefix($0) })
        {
            return "the signature in its Authorization field"
        }
        if let parameter = call.target.query.first(where: { parameters.contains($0.name.asciiLowercased) }) {
            return "the signature in its query (\(parameter.name))"
        }
        return nil
    }

    private static func isUnsigned(_ value: ArraySlice<UInt8>) -> Bool { value.elementsEqual("UNSIGNED-PAYLOAD".utf8) }
}
