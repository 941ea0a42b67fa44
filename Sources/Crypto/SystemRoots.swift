import COpenSSL
import Glibc

/// The authorities that the machine trusts: a bundle, and directories of files named after a hash of whose they are.
enum SystemRoots {
    /// Reads all of them; OpenSSL by itself would read a directory's files when a certificate asks for them.
    ///
    /// - Returns: how many files were read.
    static func load(into context: OpaquePointer) -> Int {
        defer { ERR_clear_error() }
        let bundle = value(X509_get_default_cert_file_env()) ?? String(cString: X509_get_default_cert_file())
        let directories = value(X509_get_default_cert_dir_env()) ?? String(cString: X509_get_default_cert_dir())
        var files = [bundle]
        for directory in directories.split(separator: ":") { files += hashed(in: String(directory)) }
        return files.count { SSL_CTX_load_verify_file(context, $0) == 1 }
    }

    private static func value(_ variable: UnsafePointer<CChar>?) -> String? {
        variable.flatMap { getenv($0) }.map { String(cString: $0) }
    }

    /// `/etc/ssl/certs/5ed36f99.0` and its like: each certificate once, whatever else is in the directory.
    private static func hashed(in directory: String) -> [String] {
        guard let store = OSSL_STORE_open(directory, nil, nil, nil, nil) else { return [] }
        defer { OSSL_STORE_close(store) }
        var files: [String] = []
        while OSSL_STORE_eof(store) == 0 {
            guard let entry = OSSL_STORE_load(store) else { break }
            defer { OSSL_STORE_INFO_free(entry) }
            guard OSSL_STORE_INFO_get_type(entry) == OSSL_STORE_INFO_NAME,
                let name = OSSL_STORE_INFO_get0_NAME(entry).map({ String(cString: $0) }), isHashed(name)
            else { continue }
            files.append(name)
        }
        return files
    }

    private static func isHashed(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 8 && parts[0].allSatisfy(\.isHexDigit)
            && !parts[1].isEmpty && parts[1].allSatisfy(\.isNumber)
    }
}
