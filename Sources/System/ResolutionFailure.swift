/// Why a name has no address to connect to.
package enum ResolutionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchName
    /// The name exists, with other records than addresses.
    case noAddress
    /// No name server answered.
    case noAnswer
    /// A name server answered with something else than an answer, in the library's words.
    case refused(String)
    /// The time that the caller has for it is over; the question goes on being asked for others.
    case timedOut
    /// As many names are being asked for as may be at once.
    case busy

    package var description: String {
        switch self {
        case .noSuchName: "there is no such name"
        case .noAddress: "the name has no address"
        case .noAnswer: "no name server of /etc/resolv.conf answered"
        case .refused(let words): "the name servers of /etc/resolv.conf gave no answer (\(words))"
        case .timedOut: "no name server answered in time"
        case .busy: "too many names are being asked for; is a name server of /etc/resolv.conf down?"
        }
    }
}
