import Glibc
import System

/// The machine that is measured on.
enum Machine {
    /// Processor time that anybody used since the start, in seconds (proc(5), `stat`).
    static var busySeconds: Double {
        guard let bytes = try? Files.read("/proc/stat") else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first?.split(separator: " ") ?? []
        let times = fields.dropFirst().map { Double($0) ?? 0 }
        guard times.count > 6 else { return 0 }
        // All but idle and waiting for a disk.
        return (times[0] + times[1] + times[2] + times[5] + times[6]) / ProcessStatus.ticksPerSecond
    }

    static var processors: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    /// What the machine did before, as the kernel averages it over a minute.
    static var load: String {
        guard let bytes = try? Files.read("/proc/loadavg") else { return "?" }
        return String(decoding: bytes.prefix { $0 != 0x20 }, as: UTF8.self)
    }

    /// Enough for thousands of connections, where this user may have them; programs that are started get as many.
    ///
    /// To be called before anybody asks `EventLoop.descriptorLimit`, which is read once.
    static func raiseDescriptorLimit() {
        let resource = CInt(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(.init(resource), &limit) == 0, limit.rlim_max < descriptors else { return }
        limit = rlimit(rlim_cur: descriptors, rlim_max: descriptors)
        setrlimit(.init(resource), &limit)
    }

    private static let descriptors: rlim_t = 65_536
}
