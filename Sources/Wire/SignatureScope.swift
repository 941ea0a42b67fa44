import Calls
import JSON

/// Which calls carry a signature over their own path.
enum SignatureScope {
    /// Authorization schemes that sign the path: AWS, Google's and Azure's storage, OAuth 1, Hawk, Digest, and the drafts
    /// before RFC 9421.
    /// No scheme that everybody uses (Bearer, Basic, Token) has one of these first letters.
    private static let initials = Array("aghosd".utf8)
    private static let schemes = [
        "aws4-", "aws ", "goog4-", "goog1 ", "sharedkey ", "sharedkeylite ", "oauth ", "hawk ", "digest ", "signature ",
    ]
    private static let parameters = ["x-amz-signature=", "x-goog-signature=", "oauth_signature="]

    static func coversPath(_ fields: Fields, _ target: Text) -> Bool {
        if fields.contains(.signatureInput) { return true }
        if let value = fields.first(.authorization), let first = value.first, initials.contains(first | 0x20),
            schemes.contains(where: { isPrefixed(value, $0) })
        {
            return true
        }
        guard target.utf8.span.contains(0x3F) else { return false }
        let target = target.bytes
        guard var start = target.firstIndex(of: 0x3F) else { return false }
        while start < target.endIndex {
            let parameter = target[(start + 1)...]
            if parameters.contains(where: { isPrefixed(parameter, $0) }) { return true }
            start = parameter.firstIndex(of: 0x26) ?? target.endIndex
        }
        return false
    }
}
