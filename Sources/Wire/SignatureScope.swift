import Calls
import JSON

/// Which calls carry a signature over their own path.
enum SignatureScope {
    /// Authorization schemes that sign the path: AWS, Google's and Azure's storage, OAuth 1, Hawk, Digest, and the drafts
    /// before RFC 9421.
    private static let schemes = [
        "aws4-", "aws ", "goog4-", "goog1 ", "sharedkey ", "sharedkeylite ", "oauth ", "hawk ", "digest ", "signature ",
    ]
    private static let parameters = ["x-amz-signature=", "x-goog-signature=", "oauth_signature="]

    static func coversPath(_ fields: Fields, target: Text) -> Bool {
        if fields.contains("signature-input") { return true }
        if let value = fields.first("authorization") {
            // The longest scheme decides how much of the value is looked at.
            let start = smallLetters(value.prefix(16))
            if schemes.contains(where: start.hasPrefix) { return true }
        }
        guard let mark = target.utf8.firstIndex(of: 0x3F) else { return false }
        let query = target.utf8[mark...].dropFirst().split(separator: 0x26)
        return query.contains { parameter in
            let start = smallLetters(parameter.prefix(18))
            return parameters.contains(where: start.hasPrefix)
        }
    }
}
