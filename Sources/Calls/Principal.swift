/// In whose name a call acts: the credential without its secret.
///
/// An approval is bound to it: seen with a test key, it is not spent with a live one.
package enum Principal: Hashable, Sendable, CustomStringConvertible {
    case none
    /// AWS access key id.
    case aws(key: String)
    /// Issuer, subject and audience of a JSON Web Token.
    indirect case token(issuer: String, subject: String, audience: String)
    /// A keyed hash of an opaque credential: sixteen hexadecimal digits, useless outside this gate.
    case opaque(String)

    package var description: String {
        switch self {
        case .none: "nobody"
        case .aws(let key): "AWS key \(key)"
        case .token(let issuer, let subject, _): "\(subject) of \(issuer)"
        case .opaque(let hash): "credential #\(hash)"
        }
    }
}
