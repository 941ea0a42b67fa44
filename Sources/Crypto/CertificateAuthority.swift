import COpenSSL
package import Calls
import Synchronization

/// The local authority that agents are made to trust, and the leaves that it makes.
///
/// Its key signs for any name: it stays on this machine, in a file that only the gate can read.
package final class CertificateAuthority: Sendable {
    package static let lifetime = Interval.days(3650)
    package static let leafLifetime = Interval.days(397)
    /// A cached leaf older than this is made anew, long before it expires.
    package static let leafRenewal = Duration.seconds(30 * 86_400)
    package static let cachedLeaves = 10_000

    private let certificate: Certificate
    private let key: PrivateKey
    private let leafKey: PrivateKey
    private let leafExtensions: [Extension]
    private let cache: Mutex<RecentCache<String, Leaf>>
    package let fingerprint: Digest

    /// A new authority; `host` tells its certificate from another machine's in a trust store.
    package convenience init(creatingFor host: String, cachedLeaves: Int = cachedLeaves) throws(CryptoFailure) {
        let key = try PrivateKey.generateP256()
        try self.init(certificate: Self.selfSigned(key, host: host), key: key, cachedLeaves: cachedLeaves)
    }

    /// The authority in these two PEM files, which may be one; the key as PKCS#8, EC or RSA.
    package convenience init(certificateFile: String, keyFile: String, cachedLeaves: Int = cachedLeaves)
        throws(CryptoFailure)
    {
        try self.init(
            certificate: Certificate(pem: PEMInput(file: certificateFile), name: certificateFile),
            key: PrivateKey(pem: PEMInput(file: keyFile), name: keyFile), cachedLeaves: cachedLeaves)
    }

    private init(certificate: Certificate, key: PrivateKey, cachedLeaves: Int) throws(CryptoFailure) {
        try Self.check(certificate, key)
        let leafKey = try PrivateKey.generateP256()
        self.certificate = certificate
        self.key = key
        self.leafKey = leafKey
        fingerprint = try certificate.fingerprint()
        cache = Mutex(RecentCache(limit: cachedLeaves))
        leafExtensions = try Self.extensions(ofLeavesWith: leafKey, from: certificate)
    }

    package func certificatePEM() throws(CryptoFailure) -> String { try certificate.pem() }

    /// The key as PKCS#8 PEM: for the file that only the gate can read, and for nothing else.
    package func keyPEM() throws(CryptoFailure) -> String { try key.pem() }

    /// The leaf for a host name or an address, from the cache or made now.
    package func leaf(for name: String) throws(CryptoFailure) -> Leaf {
        let now = ContinuousClock.now
        if let leaf = cache.withLock({ $0.value(for: name) }), leaf.renewal > now { return leaf }
        // Made outside of the lock: two loops that meet here make one each, and the later one stays.
        let leaf = try mint(name, renewal: now + Self.leafRenewal)
        cache.withLock { $0.insert(leaf, for: name) }
        return leaf
    }

    var cachedLeafCount: Int { cache.withLock { $0.count } }

    private func mint(_ name: String, renewal: ContinuousClock.Instant) throws(CryptoFailure) -> Leaf {
        let names = try SubjectAlternativeName(name)
        let draft = try CertificateDraft()
        try draft.begin(key: leafKey, lifetime: Int(Self.leafLifetime.milliseconds / 1000))
        // The name is in the subjectAltName, where clients look (RFC 9110 section 4.3.4): the subject is the authority's
        // own word, so that no text of an agent's gets into it.
        try draft.setSubject(Self.leafSubject?.pointer, issuer: X509_get_subject_name(certificate.pointer))
        // A leaf that outlives its issuer is one that clients refuse in the end.
        if ASN1_TIME_compare(X509_get0_notAfter(draft.pointer), X509_get0_notAfter(certificate.pointer)) > 0 {
            X509_set1_notAfter(draft.pointer, X509_get0_notAfter(certificate.pointer))
        }
        try draft.add(leafExtensions)
        try names.add(to: draft)
        return Leaf(name: name, certificate: try draft.signed(by: key), key: leafKey, renewal: renewal)
    }
}

extension CertificateAuthority {
    private static let leafSubject = try? DistinguishedName("Tiergate")

    private static func selfSigned(_ key: PrivateKey, host: String) throws(CryptoFailure) -> Certificate {
        let draft = try CertificateDraft()
        try draft.begin(key: key, lifetime: Int(lifetime.milliseconds / 1000))
        let name = try DistinguishedName("Tiergate authority \(host)")
        try draft.setSubject(name.pointer, issuer: name.pointer)
        try draft.add([
            Extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
            Extension(NID_key_usage, "critical,keyCertSign,cRLSign"),
            Extension(NID_subject_key_identifier, "hash", subject: draft.pointer),
        ])
        return try draft.signed(by: key)
    }

    private static func check(_ certificate: Certificate, _ key: PrivateKey) throws(CryptoFailure) {
        func fit(_ condition: Bool, _ reason: String) throws(CryptoFailure) {
            ERR_clear_error()
            guard condition else { throw .unfitAuthority(reason: reason) }
        }
        try fit(X509_check_private_key(certificate.pointer, key.pointer) == 1, "the key is another certificate's")
        try fit(
            X509_check_ca(certificate.pointer) == 1, "the certificate is not an authority's (basicConstraints CA:TRUE)")
        try fit(
            X509_get_key_usage(certificate.pointer) & UInt32(KU_KEY_CERT_SIGN) != 0,
            "its keyUsage does not allow it to sign certificates")
        try fit(X509_cmp_current_time(X509_get0_notAfter(certificate.pointer)) > 0, "it has expired")
        try fit(X509_cmp_current_time(X509_get0_notBefore(certificate.pointer)) < 0, "it is not valid yet")
        let kind = EVP_PKEY_get_base_id(key.pointer)
        try fit(kind == EVP_PKEY_EC || kind == EVP_PKEY_RSA, "its key is neither EC nor RSA")
    }

    private static func extensions(ofLeavesWith key: PrivateKey, from authority: Certificate) throws(CryptoFailure)
        -> [Extension]
    {
        let draft = try CertificateDraft()
        try draft.begin(key: key, lifetime: 0)
        return try [
            Extension(NID_basic_constraints, "critical,CA:FALSE"),
            Extension(NID_key_usage, "critical,digitalSignature"),
            Extension(NID_ext_key_usage, "serverAuth"),
            Extension(NID_subject_key_identifier, "hash", subject: draft.pointer),
            Extension(NID_authority_key_identifier, "keyid", subject: draft.pointer, issuer: authority.pointer),
        ]
    }
}

/// A subject or issuer with nothing but a common name.
private final class DistinguishedName: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Cut to the 64 characters that X.520 allows (ub-common-name).
    init(_ commonName: String) throws(CryptoFailure) {
        guard let pointer = X509_NAME_new() else { throw .unavailable(what: "a certificate's names") }
        self.pointer = pointer
        let text = Array(String(String.UnicodeScalarView(commonName.unicodeScalars.prefix(64))).utf8)
        guard
            X509_NAME_add_entry_by_NID(pointer, NID_commonName, MBSTRING_UTF8, text, Int32(text.count), -1, 0) == 1
        else { throw .unavailable(what: "a certificate's names") }
    }

    deinit { X509_NAME_free(pointer) }
}
