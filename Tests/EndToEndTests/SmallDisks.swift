import Foundation
import Glibc

/// A state directory and its journal on two file systems of their own, small enough to be filled.
final class SmallDisks {
    let state: String
    var journal: String { "\(state)/journal" }

    /// Only who may mount has them.
    static let isPossible = capabilities & 1 << 21 != 0 && Place.has(mount)
    static let isMissing = "only an account that may mount can fill a disk"
    private static let mount = "/usr/bin/mount"

    /// The effective ones of this process; bit 21 is CAP_SYS_ADMIN.
    private static var capabilities: UInt64 {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") } ?? ""
        return UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) ?? 0
    }

    init() async throws {
        state = "/tmp/tiergate-disk-\(UUID().uuidString.prefix(8))"
        try await SmallDisks.mount(at: state, size: "2m")
        try await SmallDisks.mount(at: journal, size: "256k")
    }

    deinit { unmount() }

    static func mount(at path: String, size: String) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let ended = try await run(mount, ["-t", "tmpfs", "-o", "size=\(size),mode=700", "tiergate-test", path])
        guard ended.status == 0 else { throw Failed(description: "mount \(path): \(ended.errors)") }
    }

    /// With what is mounted below; whoever has a file open there keeps it.
    func unmount() {
        umount2(state, CInt(MNT_DETACH))
        rmdir(state)
    }

    private static func filler(_ disk: String) -> String { "\(disk)/filler" }

    /// Takes every page that is left.
    static func fill(_ disk: String) throws {
        let descriptor = open(filler(disk), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failed(description: "open on \(disk): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, page, page.count) > 0 {}
        guard errno == ENOSPC else { throw Failed(description: "fill \(disk): \(String(cString: strerror(errno)))") }
    }

    static func makeRoom(_ disk: String) { unlink(filler(disk)) }
}
