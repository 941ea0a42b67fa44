/// What went wrong with a key, a certificate or a sealed value; never carries key bytes or content.
package enum CryptoFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// OpenSSL could not do what it always can (memory, a disabled algorithm); `what` was being made.
    case unavailable(what: String)
    /// A sealed value that was altered, belongs to something else, or was sealed under another key.
    case cannotOpen
    /// A key of the wrong size.
    case wrongKeyLength(Int)
    case unreadable(file: String, reason: String)
    /// A certificate and key that cannot be the authority.
    case unfitAuthority(reason: String)
    /// No certificate is made for something that is neither a host name nor an address.
    case unusableName

    package var description: String {
        switch self {
        case .unavailable(let what): "OpenSSL could not make \(what); is its configuration restricting algorithms?"
        case .cannotOpen: "a sealed value was altered, belongs to something else, or was sealed under another key"
        case .wrongKeyLength(let count): "a sealing key has 32 bytes, not \(count)"
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .unfitAuthority(let reason): "this certificate and key cannot be the authority: \(reason)"
        case .unusableName: "no certificate is made for what is neither a host name nor an address"
        }
    }
}
