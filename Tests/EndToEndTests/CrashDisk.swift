import Foundation
import Glibc

/// A state directory on a file system of its own that can be filled, and that can break off as a failing disk does:
/// read-only from one write to the next, with what was not synced gone.
///
/// A file system with files open for writing cannot be remounted read-only by asking, so ext4 in a file is told that it
/// is broken (`abort`). Where there are no loop devices it is memory, which can only be filled; without the right to
/// mount, a directory.
final class CrashDisk {
    private enum Kind { case directory, memory, ext4 }

    let state: String
    private let base: String
    private let kind: Kind
    private static let size = "32m"

    var canBeFilled: Bool { kind != .directory }
    var canBreakOff: Bool { kind == .ext4 }

    init() async throws {
        base = "/tmp/tiergate-crash-\(UUID().uuidString.prefix(8))"
        state = "\(base)/state"
        guard SmallDisks.isPossible else {
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            kind = .directory
            return
        }
        // The file of the loop device is in memory: a sync takes no time.
        try await SmallDisks.mount(at: base, size: "64m")
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        if try await CrashDisk.make("\(base)/image"), try await CrashDisk.mount("\(base)/image", at: state) {
            kind = .ext4
        } else {
            try await SmallDisks.mount(at: state, size: CrashDisk.size)
            kind = .memory
        }
        chmod(state, 0o700)
    }

    deinit {
        if kind == .directory {
            try? FileManager.default.removeItem(atPath: base)
        } else {
            umount2(state, CInt(MNT_DETACH))
            umount2(base, CInt(MNT_DETACH))
            rmdir(base)
        }
    }

    private static func make(_ image: String) async throws -> Bool {
        guard Place.has("/usr/sbin/mkfs.ext4") else { return false }
        guard try await run("/usr/bin/truncate", ["-s", size, image]).status == 0 else { return false }
        return try await run("/usr/sbin/mkfs.ext4", ["-q", "-F", "-m", "0", image]).status == 0
    }

    private static func mount(_ image: String, at path: String) async throws -> Bool {
        // A jail that somebody starts meanwhile has copies of all mounts but those that may not be bound.
        try await run("/usr/bin/mount", ["-o", "loop", "--make-unbindable", image, path]).status == 0
    }

    func fill() throws { try SmallDisks.fill(state) }

    func makeRoom() { SmallDisks.makeRoom(state) }

    func breakOff() async throws {
        let ended = try await run("/usr/bin/mount", ["-o", "remount,abort", state])
        guard ended.status == 0 else { throw Failed(description: "break \(state) off: \(ended.errors)") }
    }

    /// As after a repair, with nobody's files open: what had been synced is there.
    func mend() async throws {
        // A process that was killed lets go of its files in its own time.
        var gone = try await run("/usr/bin/umount", [state])
        for _ in 0..<50 where gone.status != 0 {
            try await Task.sleep(for: .milliseconds(100))
            gone = try await run("/usr/bin/umount", [state])
        }
        guard gone.status == 0 else { throw Failed(description: "umount \(state): \(gone.errors)") }
        // In a mount namespace that was made at this very moment the broken one lives on for a while.
        let image = "\(base)/image"
        try await waitUntil("\(image) is mounted nowhere", within: 60, every: .milliseconds(20)) {
            try await run("/usr/sbin/losetup", ["-j", image]).output.isEmpty
        }
        let checked = try await run("/usr/sbin/e2fsck", ["-p", "-f", image])
        guard checked.status < 4 else { throw Failed(description: "e2fsck: \(checked.output)\(checked.errors)") }
        guard try await CrashDisk.mount(image, at: state) else {
            throw Failed(description: "cannot mount \(image) again")
        }
    }
}
