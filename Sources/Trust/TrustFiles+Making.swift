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
        let inputs = try TrustInputs(gate: authority, bundle: bundles.first, javaStore: javaStores.first)
        try TrustFailure.ofFiles { () throws(IOError) in try Files.makeDirectory(directory, mode: 0o755) }
        guard Files.isOwn(directory) else { throw .foreign(directory: directory) }
        self.directory = directory
        binds =
            bundles.map { ("\(directory)/bundle.crt", $0) } + javaStores.map { ("\(directory)/cacerts.jks", $0) }
        // Two that begin at once make the same files; of the database the files of one would not fit the other's.
        let turn = try TrustFailure.ofFiles { () throws(IOError) in try FileTurn(waitingFor: "\(directory)/lock") }
        defer { turn.end() }
        let nss = NSSDatabase(directory: "\(directory)/nssdb")
        database = certutil == nil ? .missing(reason: NSSDatabase.toolIsMissing) : .made(directory: nss.directory)
        let stamp = Array("\(inputs.fingerprint(in: directory, certutil))\n".utf8)
        if isMade(stamp), certutil == nil || nss.isThere { return }
        let roots = TrustRoots(inputs)
        try put(bundle, roots.bundle())
        try put(certificate, roots.gatePEM())
        try put(keyStore, roots.javaKeyStore(created: UInt64(SystemClock.wall())))
        try put(wgetSettings, Array("ca_certificate = \(bundle)\n".utf8))
        try put(environmentFile, Array(environment(.environment).map { "\($0.name)=\($0.value)\n" }.joined().utf8))
        if let certutil, let reason = nss.make(by: certutil, trusting: certificate) {
            // Not stamped: tried again the next time.
            database = .missing(reason: reason)
        } else {
            try put(stampFile, stamp)
        }
    }

    private var stampFile: String { "\(directory)/inputs" }

    private func isMade(_ stamp: [UInt8]) -> Bool {
        [bundle, certificate, keyStore, wgetSettings, environmentFile].allSatisfy(Files.exist)
            && (try? Files.read(stampFile, limit: stamp.count)) == stamp
    }

    private func put(_ file: String, _ content: [UInt8]) throws(TrustFailure) {
        try TrustFailure.ofFiles { () throws(IOError) in try Files.replace(file, with: content, mode: 0o644) }
    }
}
