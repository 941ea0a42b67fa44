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
        try put(wgetSettings, wgetContent)
        try put(environmentFile, Array(environment(.environment).map { "\($0.name)=\($0.value)\n" }.joined().utf8))
        if let certutil, let reason = nss.make(by: certutil, trusting: certificate) {
            // Not stamped: tried again the next time.
            database = .missing(reason: reason)
        } else {
            try put(stampFile, stamp)
        }
    }

    /// Those that an earlier start made, where by their dates none of the files that they are made of has changed since:
    /// no certificate is read. Nil where that cannot be told.
    ///
    /// - Parameter authority: the file of the gate's certificate.
    package init?(
        madeIn directory: String, of authority: String, beside system: SystemTrust = .machine(),
        certutil: String? = NSSDatabase.tool()
    ) {
        let bundles = SystemTrust.resolved(system.bundles)
        let javaStores = SystemTrust.resolved(system.javaStores)
        guard Files.isOwn(directory) else { return nil }
        self.directory = directory
        binds =
            bundles.map { ("\(directory)/bundle.crt", $0) } + javaStores.map { ("\(directory)/cacerts.jks", $0) }
        let nss = NSSDatabase(directory: "\(directory)/nssdb")
        database = certutil == nil ? .missing(reason: NSSDatabase.toolIsMissing) : .made(directory: nss.directory)
        guard let dates = TrustFiles.dates(authority, bundles.first, javaStores.first, certutil),
            (try? Files.read(datesFile, limit: dates.count)) == dates, certutil == nil || nss.isThere,
            [bundle, certificate, keyStore, wgetSettings, environmentFile].allSatisfy(Files.exist)
        else { return nil }
    }

    /// The same as `init(in:trusting:)`, and notes the dates for the next start.
    ///
    /// - Parameter authority: the file of the gate's certificate.
    package init(
        in directory: String, trusting gate: CertificateAuthority, of authority: String,
        beside system: SystemTrust = .machine(), certutil: String? = NSSDatabase.tool()
    ) throws(TrustFailure) {
        // Before they are read: what changes meanwhile has another date.
        let bundle = SystemTrust.resolved(system.bundles).first
        let javaStore = SystemTrust.resolved(system.javaStores).first
        let dates = TrustFiles.dates(authority, bundle, javaStore, certutil)
        try self.init(in: directory, trusting: gate, beside: system, certutil: certutil)
        guard let dates, (try? Files.read(stampFile)) != nil else { return }
        try put(datesFile, dates)
    }

    /// Nil where one of them is so new that a change in the same moment would not show.
    private static func dates(
        _ authority: String, _ bundle: String?, _ javaStore: String?, _ certutil: String?
    ) -> [UInt8]? {
        var text = "\(TrustInputs.form)\n"
        for path in [authority, bundle, javaStore, certutil] {
            guard let path else {
                text += "-\n"
                continue
            }
            guard let dates = Files.settledDates(of: path) else { return nil }
            text += "\(path) \(dates)\n"
        }
        return Array(text.utf8)
    }

    /// The same files elsewhere, for whoever copies them there; a directory's name is in `wgetSettings`.
    package func moved(to directory: String) -> TrustFiles {
        TrustFiles(directory: directory, binds: [], database: database)
    }

    package var wgetContent: [UInt8] { Array("ca_certificate = \(bundle)\n".utf8) }

    private var datesFile: String { "\(directory)/dates" }
    private var stampFile: String { "\(directory)/inputs" }

    private func isMade(_ stamp: [UInt8]) -> Bool {
        [bundle, certificate, keyStore, wgetSettings, environmentFile].allSatisfy(Files.exist)
            && (try? Files.read(stampFile, limit: stamp.count)) == stamp
    }

    private func put(_ file: String, _ content: [UInt8]) throws(TrustFailure) {
        try TrustFailure.ofFiles { () throws(IOError) in try Files.replace(file, with: content, mode: 0o644) }
    }
}
