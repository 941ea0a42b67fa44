import Crypto
import Glibc
import Holds
import Testing

@testable import Stores

struct StateDirectoryTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("a missing directory is made, with what leads to it, for its owner alone")
    func made() throws {
        let directory = try StateDirectory(opening: scratch.path + "/a/b")
        #expect(Scratch.mode(of: directory.path) == 0o700)
        _ = try StateDirectory(opening: directory.path)
    }

    @Test(
        "a directory that others may enter is refused, its twin is not", arguments: [0o750, 0o705, 0o777] as [mode_t])
    func wide(mode: mode_t) throws {
        let path = try StateDirectory(opening: scratch.path + "/a").path
        chmod(path, mode)
        #expect(throws: StoreFailure.self) { try StateDirectory(opening: path) }
        chmod(path, 0o700)
        _ = try StateDirectory(opening: path)
    }

    @Test("something that is not a directory is refused")
    func file() throws {
        _ = try PrivateFile(creating: scratch.path + "/f")
        #expect(throws: StoreFailure.self) { try StateDirectory(opening: scratch.path + "/f") }
        #expect(throws: StoreFailure.self) { try StateDirectory(opening: scratch.path + "/f/g") }
    }

    @Test("the sealing key is made once, and stays")
    func key() throws {
        let directory = try StateDirectory(opening: scratch.path + "/a")
        let sealed = try directory.sealingKey().seal([1, 2], associated: [])
        #expect(try directory.sealingKey().open(sealed, associated: []) == [1, 2])
        #expect(Scratch.mode(of: directory.file("seal.key")) == 0o600)
        #expect(Scratch.names(in: directory.path) == ["seal.key"])
    }

    @Test("a key file that others may read, a link, or one of the wrong size is refused")
    func badKey() throws {
        let directory = try StateDirectory(opening: scratch.path + "/a")
        _ = try directory.sealingKey()
        chmod(directory.file("seal.key"), 0o640)
        #expect(throws: StoreFailure.self) { try directory.sealingKey() }
        chmod(directory.file("seal.key"), 0o600)
        _ = try directory.sealingKey()
        rename(directory.file("seal.key"), directory.file("moved"))
        symlink(directory.file("moved"), directory.file("seal.key"))
        #expect(throws: StoreFailure.self) { try directory.sealingKey() }
        unlink(directory.file("seal.key"))
        try PrivateFile(creating: directory.file("seal.key")).write([1, 2, 3])
        #expect(throws: StoreFailure.self) { try directory.sealingKey() }
    }

    @Test("the authority is made once, and stays; its key is the owner's alone")
    func authority() throws {
        let directory = try StateDirectory(opening: scratch.path + "/a")
        let fingerprint = try directory.authority(for: "host").fingerprint
        #expect(try directory.authority(for: "other").fingerprint == fingerprint)
        #expect(Scratch.mode(of: directory.file("authority.key")) == 0o600)
        let named = try directory.authority(
            for: "host", certificate: directory.file("authority.pem"), key: directory.file("authority.key"))
        #expect(named.fingerprint == fingerprint)
        chmod(directory.file("authority.key"), 0o644)
        #expect(throws: StoreFailure.self) { try directory.authority(for: "host") }
    }

    @Test("a process that ended between key and certificate leaves a directory that works")
    func halfAuthority() throws {
        let directory = try StateDirectory(opening: scratch.path + "/a")
        _ = try directory.authority(for: "host")
        unlink(directory.file("authority.pem"))
        _ = try directory.authority(for: "host")
    }
}
