import Crypto
import Glibc
import Testing

/// An authority of a test's own, and the file that a gate reads to trust it; gone with it.
final class RootFile: Sendable {
    let authority: CertificateAuthority
    let path: String

    init() throws {
        authority = try CertificateAuthority(creatingFor: "upstreams")
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        let fd = mkstemp(&template)
        defer { close(fd) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let pem = Array(try authority.certificatePEM().utf8)
        try #require(write(fd, pem, pem.count) == pem.count)
    }

    deinit { unlink(path) }
}
