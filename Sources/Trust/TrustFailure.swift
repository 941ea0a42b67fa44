package import Crypto
package import System

/// Why the files by which programs trust the gate could not be made.
package enum TrustFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case files(IOError)
    case crypto(CryptoFailure)
    /// A directory that somebody else could put other certificates into.
    case foreign(directory: String)

    package var description: String {
        switch self {
        case .files(let error): "cannot make the files that tell programs whom to trust: \(error)"
        case .crypto(let failure): "cannot make the files that tell programs whom to trust: \(failure)"
        case .foreign(let directory):
            "others than the gate's user may write \(directory), and so decide whom agents trust; name a directory "
                + "that only the gate's user may write"
        }
    }

    static func ofFiles<T>(_ body: () throws(IOError) -> T) throws(TrustFailure) -> T {
        do throws(IOError) { return try body() } catch { throw .files(error) }
    }
}
