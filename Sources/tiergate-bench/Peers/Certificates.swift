/// Two authorities with a certificate each, all of P-256: what peers show and mint with, and what the origin shows.
struct Certificates: Sendable {
    /// Files in PEM form.
    struct Authority: Sendable {
        let root: String
        let rootKey: String
        let certificate: String
        let key: String
        /// Certificate and key of the leaf, as some programs want them.
        let both: String
        /// Key and certificate of the authority.
        let rootBoth: String
    }

    let peers: Authority
    let origin: Authority

    init(in directory: ScratchDirectory) throws(BenchFailure) {
        peers = try Certificates.make("peers", in: directory)
        origin = try Certificates.make("origin", in: directory)
    }

    private static func make(_ name: String, in directory: ScratchDirectory) throws(BenchFailure) -> Authority {
        guard let openssl = Program.find("openssl") else { throw BenchFailure("there is no openssl command") }
        let made = Authority(
            root: directory.file("\(name)-root.pem"), rootKey: directory.file("\(name)-root.key"),
            certificate: directory.file("\(name).pem"), key: directory.file("\(name).key"),
            both: directory.file("\(name)-both.pem"), rootBoth: directory.file("\(name)-root-both.pem"))
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"]
        try Program.run(
            [openssl, "req", "-x509", "-days", "30", "-subj", "/CN=tiergate-bench \(name)"] + newKey + [
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", made.rootKey, "-out", made.root,
            ], in: directory)
        let request = directory.file("\(name).csr")
        try Program.run(
            [openssl, "req", "-new", "-subj", "/CN=api.test"] + newKey + ["-keyout", made.key, "-out", request],
            in: directory)
        // The wildcard is for the fresh names.
        let extensions = try directory.write(
            "\(name).ext",
            """
            subjectAltName=DNS:api.test,DNS:*.p.test
            extendedKeyUsage=serverAuth
            basicConstraints=CA:FALSE
            keyUsage=digitalSignature

            """)
        try Program.run(
            [
                openssl, "x509", "-req", "-days", "30", "-sha256", "-in", request, "-CA", made.root, "-CAkey",
                made.rootKey, "-CAcreateserial", "-extfile", extensions, "-out", made.certificate,
            ], in: directory)
        let leaf = try directory.read("\(name).pem") + directory.read("\(name).key")
        try directory.write("\(name)-both.pem", leaf)
        let root = try directory.read("\(name)-root.key") + directory.read("\(name)-root.pem")
        try directory.write("\(name)-root-both.pem", root)
        return made
    }
}
