import Glibc

/// Where a process of this machine stands, as far as /proc shows it to this one.
package enum ProcessPlace {
    /// A kind of namespace, by its name under /proc/PID/ns.
    package enum Namespace: String, Sendable, CaseIterable {
        case user
        case pid
        case network = "net"
    }

    /// Generations that are looked at; nobody's processes are nested like that.
    private static let deepest = 256

    /// Whether there is no such process any more. One that is only hidden (hidepid) is there.
    package static func isGone(_ pid: Int32) -> Bool { kill(pid, 0) != 0 && errno == ESRCH }

    /// The processes that a process was started by, nearest first, as far as they can be seen.
    package static func ancestors(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var current = pid
        while found.count < deepest, let parent = field("PPid:", of: current).flatMap({ Int32($0) }), parent > 0 {
            found.append(parent)
            current = parent
        }
        return found
    }

    /// The first of these kinds of which a process has another one than this process; nil where it has the same, or does
    /// not show.
    ///
    /// Links under /proc/PID/ns are only for those who may trace the process. How many pid namespaces it is in everybody
    /// may read who sees it: one that is visible from here is in ours, or in one below it.
    package static func foreign(_ kinds: Set<Namespace>, of pid: Int32) -> Namespace? {
        let differing = Namespace.allCases.first { kind in
            guard kinds.contains(kind), let other = link("/proc/\(pid)/ns/\(kind.rawValue)"),
                let own = link("/proc/self/ns/\(kind.rawValue)")
            else { return false }
            return other != own
        }
        if let differing { return differing }
        guard kinds.contains(.pid), let other = depth(of: "\(pid)"), let own = depth(of: "self") else { return nil }
        return other > own ? .pid : nil
    }

    private static func depth(of process: String) -> Int? {
        field("NSpid:", of: process).map { $0.split(whereSeparator: { $0 == "\t" || $0 == " " }).count }
    }

    private static func field(_ name: String, of pid: Int32) -> String? { field(name, of: "\(pid)") }

    private static func field(_ name: String, of process: String) -> String? {
        guard let bytes = try? Files.read("/proc/\(process)/status", limit: 1 << 16) else { return nil }
        for line in bytes.split(separator: 0x0A) where line.starts(with: Array(name.utf8)) {
            let value = line.dropFirst(name.utf8.count).drop { $0 == 0x20 || $0 == 0x09 }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
