import Calls
package import Crypto
import Glibc
package import Holds

/// Where everything lives that must survive a restart: authority, store, journal. Nobody but the gate's user gets in.
package struct StateDirectory: Sendable {
    package let path: String

    /// Makes the directory where it is missing; refuses one that others may enter.
    package init(opening path: String) throws(StoreFailure) {
        try Self.make(path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unavailable("look at \(path)", errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .unavailable(reason: "\(path) is not a directory") }
        guard status.st_uid == geteuid() else {
            throw .unavailable(reason: "\(path) belongs to uid \(status.st_uid), and the gate runs as \(geteuid())")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unavailable(reason: "others may enter \(path), which holds keys: say `chmod 700 \(path)`")
        }
        self.path = path
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The key that seals what holds contain; made on first use.
    package func sealingKey() throws(StoreFailure) -> SealingKey {
        let bytes = try secret("seal.key", "restore it, or move it away together with holds.db to begin anew")
        return try crypto { () throws(CryptoFailure) in try SealingKey(bytes) }
    }

    /// The key under which opaque credentials are hashed into principals; another one than the sealing key.
    package func principalKey() throws(StoreFailure) -> [UInt8] {
        try secret("principal.key", "restore it, or move it away: approvals given before will not fit any more")
    }

    /// The key that seals recordings of calls; another one than that of holds, because recordings are taken to where
    /// rules are tried.
    package func recordingKey() throws(StoreFailure) -> SealingKey {
        let advice = "restore it, or move it away: recordings made before cannot be read any more"
        let bytes = try secret(Self.recordingKeyName, advice)
        return try crypto { () throws(CryptoFailure) in try SealingKey(bytes) }
    }

    /// The same for those who read what a gate recorded: none is made.
    package static func recordingKey(in path: String) throws(StoreFailure) -> SealingKey {
        let bytes = try PrivateFile(reading: path).read(at: 0, count: SealingKey.length + 1)
        do throws(CryptoFailure) {
            return try SealingKey(bytes)
        } catch {
            throw .damaged(reason: "\(path) does not have \(SealingKey.length) bytes; it is no key of recordings")
        }
    }

    package static let recordingKeyName = "recording.key"

    private func secret(_ name: String, _ advice: String) throws(StoreFailure) -> [UInt8] {
        let path = file(name)
        // Two gates that start at once make one key: the later one finds the earlier one's.
        if !Self.exists(path) { try write(SecureRandom.bytes(SealingKey.length), to: name, replacing: false) }
        let bytes = try PrivateFile(reading: path).read(at: 0, count: SealingKey.length + 1)
        guard bytes.count == SealingKey.length else {
            throw .damaged(reason: "\(path) does not have \(SealingKey.length) bytes; \(advice)")
        }
        return bytes
    }

    /// The local authority in these files, or the directory's own, made on first use.
    package func authority(
        for host: String, certificate: String? = nil, key: String? = nil
    ) throws(StoreFailure) -> CertificateAuthority {
        let certificateFile = certificate ?? file("authority.pem")
        let keyFile = key ?? file("authority.key")
        if certificate == nil, key == nil, !Self.exists(certificateFile) {
            let made = try crypto { () throws(CryptoFailure) in
                let authority = try CertificateAuthority(creatingFor: host)
                return (certificate: try authority.certificatePEM(), key: try authority.keyPEM())
            }
            // The key first: a certificate is only ever there with its key.
            try write(Array(made.key.utf8), to: "authority.key", replacing: true)
            try write(Array(made.certificate.utf8), to: "authority.pem", replacing: false)
        }
        // Our own is refused where others may read it; a site's own key is the site's to guard, and `doctor` looks at it.
        if key == nil { _ = try PrivateFile(reading: keyFile) }
        return try crypto { () throws(CryptoFailure) in
            try CertificateAuthority(certificateFile: certificateFile, keyFile: keyFile)
        }
    }

    /// Makes an empty file for its owner alone, where there is none.
    func makeFile(_ name: String) throws(StoreFailure) {
        if !Self.exists(file(name)) { _ = try PrivateFile(creating: file(name)) }
    }

    private func crypto<T>(_ make: () throws(CryptoFailure) -> T) throws(StoreFailure) -> T {
        do throws(CryptoFailure) { return try make() } catch { throw .unavailable(reason: error.description) }
    }

    /// Writes a whole file so that it is there entirely or not at all, also after a power cut.
    func write(_ bytes: [UInt8], to name: String, replacing: Bool) throws(StoreFailure) {
        let draft = file("\(name).\(hexadecimal(SecureRandom.bytes(8)))")
        defer { unlink(draft) }
        let output = try PrivateFile(creating: draft)
        try output.write(bytes)
        try output.synchronise()
        let target = file(name)
        // A link, unlike a renaming, leaves alone what is there already.
        let isThere = replacing ? rename(draft, target) == 0 : link(draft, target) == 0 || errno == EEXIST
        guard isThere else { throw .unavailable("make \(target)", errno) }
        try Self.synchronise(path)
    }

    /// Makes names in a directory survive a power cut.
    static func synchronise(_ path: String) throws(StoreFailure) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unavailable("open \(path)", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unavailable("sync \(path)", errno) }
    }

    /// Makes a directory, and what leads to it, for the gate's user alone.
    static func make(_ directory: String) throws(StoreFailure) {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || exists(path) else {
                throw .unavailable("make the directory \(path)", errno)
            }
        }
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
