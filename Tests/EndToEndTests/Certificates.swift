/// An authority that a gate may be told to trust, and certificates for upstreams, by the openssl of this machine.
struct Certificates {
    let scratch: Scratch
    /// To tell the files of several authorities apart.
    let name: String

    var root: String { scratch.file("\(name).pem") }

    struct Pair {
        let certificate: String
        let key: String
    }

    init(_ scratch: Scratch, name: String = "root") async throws {
        self.scratch = scratch
        self.name = name
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=Test \(name)", "-keyout", scratch.file("\(name).key"), "-out", scratch.file("\(name).pem"))
    }

    /// For these names; one of -1 days is over.
    func leaf(_ names: [String], days: Int = 2, file: String = "leaf") async throws -> Pair {
        let pair = Pair(certificate: scratch.file("\(file).pem"), key: scratch.file("\(file).key"))
        let request = scratch.file("\(file).csr")
        try await openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(file)", "-addext", "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","), "-addext",
            "basicConstraints=critical,CA:FALSE", "-keyout", pair.key, "-out", request)
        try await openssl(
            "x509", "-req", "-in", request, "-CA", root, "-CAkey", scratch.file("\(name).key"), "-days", "\(days)",
            "-copy_extensions", "copy", "-out", pair.certificate)
        return pair
    }

    /// A directory as `SSL_CERT_DIR` names one, with this authority in it under its hash.
    func hashedDirectory() async throws -> String {
        let hash = try await run(Place.openssl, ["x509", "-hash", "-noout", "-in", root]).output.prefix { $0 != "\n" }
        try scratch.write("hashed/\(hash).0", String(decoding: scratch.read("\(name).pem"), as: UTF8.self))
        return scratch.file("hashed")
    }

    private func openssl(_ arguments: String...) async throws {
        let ended = try await run(Place.openssl, arguments)
        guard ended.status == 0 else { throw Failed(description: "openssl \(arguments): \(ended.errors)") }
    }
}
