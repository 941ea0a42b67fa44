/// The files by which programs of every kind are told to trust the gate, in a directory of their own.
///
/// They hold certificates only: anybody may read them, and an agent must not be able to write them.
package struct TrustFiles: Sendable {
    /// A file of ours that is bound, read-only, over one of the machine's.
    package typealias Bind = (source: String, target: String)
    package typealias Variable = (name: String, value: String)

    package let directory: String
    /// Over the machine's own files: with links resolved, only where there is such a file.
    package let binds: [Bind]
    /// What Chromium reads in `~/.pki/nssdb`, a directory; or why there is none.
    package internal(set) var database: Database

    package enum Database: Hashable, Sendable {
        case made(directory: String)
        case missing(reason: String)
    }

    /// The system's roots and the gate's, PEM.
    package var bundle: String { "\(directory)/bundle.crt" }
    /// The gate's certificate alone, PEM.
    package var certificate: String { "\(directory)/ca.crt" }
    /// The same as the bundle for Java; its password is the usual `changeit`.
    package var keyStore: String { "\(directory)/cacerts.jks" }
    /// The variables of `.environment`, a line each: for `EnvironmentFile=` of a unit and `env_file:` of Compose.
    package var environmentFile: String { "\(directory)/environment" }
    /// Settings of wget, which reads roots from nowhere else.
    package var wgetSettings: String { "\(directory)/wgetrc" }
    /// Where an agent's home needs `database`, for Chromium.
    package static let databasePlace = ".pki/nssdb"
}
