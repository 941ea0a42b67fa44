import System

/// The certificate database that Chromium reads beside its own roots, made by NSS's own tool.
package struct NSSDatabase: Sendable {
    let directory: String

    /// Its files, in the order in which they are put in their place: the key under which trust is authenticated first.
    private static let files = ["pkcs11.txt", "key4.db", "cert9.db"]
    private static let patience = 30_000

    static let toolIsMissing = "there is no certutil to make it with; install libnss3-tools"

    /// certutil of libnss3-tools (nss-tools elsewhere); nil where it is not installed.
    package static func tool() -> String? {
        ["/usr/bin/certutil", "/usr/local/bin/certutil"].first(where: Files.exist)
    }

    var isThere: Bool { Self.files.allSatisfy { Files.exist("\(directory)/\($0)") } }

    /// Makes it beside itself, then puts it in its place; another one that is there is replaced.
    ///
    /// - Returns: why it could not be made, nil where it was.
    func make(by certutil: String, trusting certificate: String) -> String? {
        let draft = "\(directory).draft"
        Files.remove(draft)
        defer { Files.remove(draft) }
        do throws(IOError) {
            try Files.makeDirectory(draft, mode: 0o755)
            try Files.makeDirectory(directory, mode: 0o755)
            // C: an authority for TLS servers, and for nothing else.
            for words in [
                ["-N", "--empty-password"],
                ["-A", "-n", "Tiergate", "-t", "C,,", "-i", certificate],
            ] {
                let status = try ChildProcess(certutil, [words[0], "-d", "sql:\(draft)"] + words.dropFirst())
                    .finish(within: Self.patience)
                guard status == 0 else { return "\(certutil) \(words[0]) ended with \(status); try it by hand" }
            }
            for name in Self.files {
                // Not the rename of one directory over another: an agent that runs has this one in its home.
                try Files.replace("\(directory)/\(name)", with: Files.read("\(draft)/\(name)"), mode: 0o644)
            }
            return nil
        } catch {
            return "it cannot be written: \(error)"
        }
    }
}
