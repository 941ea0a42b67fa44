package import Crypto
import System

extension TrustFiles {
    /// Makes what is missing or out of date in `directory`, each file whole or not at all.
    ///
    /// Nothing is written as long as the authority, the system's roots and the tools are the same as the last time.
    ///
    /// - Parameter certutil: of libnss3-tools, which makes `database`; nil where there is none.
    package init(
        in directory: String, trusting authority: CertificateAuthority, beside system: SystemTrust = .machine(),
        certutil: String? = NSSDatabase.tool()
    ) throws(TrustFailure) {
        let bundles = SystemTrust.resolved(system.bundles)
        let javaStores = SystemTrust.resolved(system.javaStores)
        let roots = try TrustRoots(gate: authority, bundle: bundles.first, javaStore: javaStores.first)
        try TrustFailure.ofFiles { () throws(IOError) in try Files.makeDirectory(directory, mode: 0o755) }
        guard Files.isOwn(directory) else { throw .foreign(directory: directory) }
        self.directory = directory
        binds =
            bundles.map { ("\(directory)/bundle.crt", $0) } + javaStores.map { ("\(directory)/cacerts.jks", $0) }
        // Two that begin at once make the same files; of the database the files of one would not fit the other's.
        let turn = try TrustFailure.ofFiles { () throws(IOError) in try FileTurn(waitingFor: "\(directory)/lock") }
        defer { turn.end() }
        database = try Self.make(directory, roots, certutil)
    }

    private static func make(
        _ directory: String, _ roots: TrustRoots, _ certutil: String?
    ) throws(TrustFailure) -> Database {
        let stamp = Array("\(roots.fingerprint(certutil))\n".utf8)
        let stampFile = "\(directory)/inputs"
        let database = NSSDatabase(directory: "\(directory)/nssdb")
        let files = ["bundle.crt", "ca.crt", "cacerts.jks"].map { "\(directory)/\($0)" } + [stampFile]
        if files.allSatisfy(Files.exist), certutil == nil || database.isThere,
            (try? Files.read(stampFile, limit: stamp.count)) == stamp
        {
            return certutil == nil ? .missing(reason: NSSDatabase.toolIsMissing) : .made(directory: database.directory)
        }
        func put(_ name: String, _ content: [UInt8]) throws(TrustFailure) {
            try TrustFailure.ofFiles { () throws(IOError) in
                try Files.replace("\(directory)/\(name)", with: content, mode: 0o644)
            }
        }
        try put("bundle.crt", roots.bundle())
        try put("ca.crt", roots.gatePEM())
        try put("cacerts.jks", roots.javaKeyStore(created: UInt64(SystemClock.wall())))
        guard let certutil else {
            try put("inputs", stamp)
            return .missing(reason: NSSDatabase.toolIsMissing)
        }
        if let reason = database.make(by: certutil, trusting: "\(directory)/ca.crt") {
            // Not stamped: tried again the next time.
            return .missing(reason: reason)
        }
        try put("inputs", stamp)
        return .made(directory: database.directory)
    }
}
