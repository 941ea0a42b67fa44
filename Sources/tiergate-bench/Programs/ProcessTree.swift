import Glibc
import System

/// A process and all that it started, at one moment.
struct ProcessTree {
    let members: [ProcessStatus]

    init(of root: Int32) {
        let all = ProcessTree.everyone()
        var pids: Set<Int32> = [root]
        var count = 0
        while pids.count != count {
            count = pids.count
            for status in all where pids.contains(status.parent) { pids.insert(status.pid) }
        }
        members = all.filter { pids.contains($0.pid) }
    }

    private static func everyone() -> [ProcessStatus] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        var found: [ProcessStatus] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name), let status = ProcessStatus(of: pid) { found.append(status) }
        }
        return found
    }

    var processorSeconds: Double {
        Double(members.reduce(0) { $0 + $1.ticks }) / ProcessStatus.ticksPerSecond
    }

    var residentBytes: Int { members.reduce(0) { $0 + ProcessTree.residentBytes(of: $1.pid) } }

    /// `smaps_rollup` counts pages; `status` has the kernel's own sum, which each thread may be 64 pages behind.
    private static func residentBytes(of pid: Int32) -> Int {
        kibibytes("Rss:", in: "/proc/\(pid)/smaps_rollup") ?? kibibytes("VmRSS:", in: "/proc/\(pid)/status") ?? 0
    }

    private static func kibibytes(_ name: String, in file: String) -> Int? {
        guard let bytes = try? Files.read(file) else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
        }
        return nil
    }
}
