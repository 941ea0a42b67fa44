import Glibc
import System

/// A network of its own, with loopback and nothing else: no port of a measurement meets another program's.
enum Namespace {
    private static let mark = "TIERGATE_BENCH_NAMESPACE"

    static var isOwn: Bool { getenv(mark) != nil }

    /// Starts this program anew in a network namespace where it may make one; else everything is on the machine's own
    /// loopback.
    static func enter() throws(BenchFailure) {
        guard !isOwn else { return try prepare() }
        guard geteuid() == 0, let unshare = Program.find("unshare"), Program.find("ip") != nil, mayUnshare(unshare)
        else {
            return Measurement.progress("not root: on the machine's loopback, beside whatever else is there")
        }
        setenv(mark, "1", 1)
        let words = [unshare, "-n", "/proc/self/exe"] + CommandLine.arguments.dropFirst()
        var executable = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &executable, executable.count - 1) > 0 else {
            throw BenchFailure("readlink /proc/self/exe: \(IOError.explanation(of: errno))")
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        free(arguments[2])
        arguments[2] = strdup(executable)
        execv(unshare, &arguments)
        throw BenchFailure("cannot start \(unshare): \(IOError.explanation(of: errno))")
    }

    private static func mayUnshare(_ unshare: String) -> Bool {
        guard let attempt = try? ChildProcess(unshare, ["-n", "true"]) else { return false }
        while true {
            if let status = attempt.status() { return status == 0 }
            usleep(2000)
        }
    }

    /// Many short connections need many ports, and those of closed ones again before their minute is over.
    private static func prepare() throws(BenchFailure) {
        guard let ip = Program.find("ip"), let child = try? ChildProcess(ip, ["link", "set", "lo", "up"]) else {
            throw BenchFailure("there is no ip command; install iproute2")
        }
        while child.status() == nil { usleep(1000) }
        try? ScratchDirectory.write(
            "\(Ports.clients.lowerBound) \(Ports.clients.upperBound)", to: "/proc/sys/net/ipv4/ip_local_port_range")
        try? ScratchDirectory.write("1", to: "/proc/sys/net/ipv4/tcp_tw_reuse")
    }
}
