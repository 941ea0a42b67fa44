import CSystem
import Glibc
import Testing

@testable import Jail

@Suite("System call filter without namespaces")
struct SupervisedFilterTests {
    #if arch(x86_64)
        private static let here: UInt32 = 0xC000_003E
    #else
        private static let here: UInt32 = 0xC000_00B7
    #endif

    private static func socket(_ family: CInt, _ type: UInt64, _ number: UInt64 = 0) -> [UInt64] {
        [UInt64(family), type, number]
    }

    private static let rules: [SystemCallFilterTests.Rule] = [
        .init(name: "read", number: SYS_read, verdict: .allowed),
        .init(name: "connect", number: SYS_connect, verdict: .asked),
        .init(name: "listen", number: SYS_listen, verdict: .asked),
        .init(name: "bind", number: SYS_bind, verdict: .allowed),
        .init(name: "TCP", number: SYS_socket, arguments: socket(AF_INET, 1), verdict: .allowed),
        .init(name: "TCP, flags", number: SYS_socket, arguments: socket(AF_INET6, 0x8_0801, 6), verdict: .allowed),
        .init(name: "UDP", number: SYS_socket, arguments: socket(AF_INET, 2), verdict: .refused(EACCES)),
        .init(name: "UDP, flags", number: SYS_socket, arguments: socket(AF_INET6, 0x8_0802), verdict: .refused(EACCES)),
        .init(name: "raw", number: SYS_socket, arguments: socket(AF_INET, 3, 255), verdict: .refused(EACCES)),
        .init(
            name: "a type of tomorrow's flags", number: SYS_socket, arguments: socket(AF_INET, 0x10_0001),
            verdict: .refused(EACCES)),
        .init(
            name: "MPTCP", number: SYS_socket, arguments: socket(AF_INET, 1, 262), verdict: .refused(EPROTONOSUPPORT)),
        .init(name: "SCTP", number: SYS_socket, arguments: socket(AF_INET, 1, 132), verdict: .refused(EPROTONOSUPPORT)),
        .init(name: "AF_UNIX", number: SYS_socket, arguments: socket(AF_UNIX, 0x8_0001), verdict: .allowed),
        .init(name: "AF_UNIX, packets", number: SYS_socketpair, arguments: socket(AF_UNIX, 5), verdict: .allowed),
        .init(
            name: "AF_UNIX, datagrams", number: SYS_socketpair, arguments: socket(AF_UNIX, 2),
            verdict: .refused(EPROTONOSUPPORT)),
        .init(
            name: "AF_UNIX, datagrams by another name", number: SYS_socket, arguments: socket(AF_UNIX, 3),
            verdict: .refused(EPROTONOSUPPORT)),
        .init(name: "AF_NETLINK", number: SYS_socket, arguments: socket(16, 3), verdict: .refused(EAFNOSUPPORT)),
        .init(name: "AF_PACKET", number: SYS_socket, arguments: socket(17, 3), verdict: .refused(EAFNOSUPPORT)),
        .init(name: "AF_VSOCK", number: SYS_socket, arguments: socket(40, 1), verdict: .refused(EAFNOSUPPORT)),
        .init(name: "sendto", number: SYS_sendto, arguments: [3, 0, 1, 0x4000, 1, 16], verdict: .allowed),
        .init(
            name: "sendto MSG_FASTOPEN", number: SYS_sendto, arguments: [3, 0, 1, 0x2000_4000, 1, 16],
            verdict: .refused(EOPNOTSUPP)),
        .init(name: "sendmsg", number: SYS_sendmsg, arguments: [3, 0, 0x4000], verdict: .allowed),
        .init(
            name: "sendmsg MSG_FASTOPEN", number: SYS_sendmsg, arguments: [3, 0, 0xFFFF_FFFF_2000_0000],
            verdict: .refused(EOPNOTSUPP)),
        .init(
            name: "sendmmsg MSG_FASTOPEN", number: SYS_sendmmsg, arguments: [3, 0, 1, 0x2000_0000],
            verdict: .refused(EOPNOTSUPP)),
        .init(name: "TCP_NODELAY", number: SYS_setsockopt, arguments: [3, 6, 1], verdict: .allowed),
        .init(name: "TCP_FASTOPEN_CONNECT", number: SYS_setsockopt, arguments: [3, 6, 30], verdict: .refused(EPERM)),
        .init(name: "SO_REUSEADDR", number: SYS_setsockopt, arguments: [3, 1, 2], verdict: .allowed),
        .init(name: "SO_BINDTODEVICE", number: SYS_setsockopt, arguments: [3, 1, 25], verdict: .refused(EPERM)),
        .init(name: "SO_BINDTOIFINDEX", number: SYS_setsockopt, arguments: [3, 1, 62], verdict: .refused(EPERM)),
        .init(name: "IP_TOS", number: SYS_setsockopt, arguments: [3, 0, 1], verdict: .allowed),
        .init(name: "IP_OPTIONS", number: SYS_setsockopt, arguments: [3, 0, 4], verdict: .refused(EPERM)),
        .init(name: "IPV6_V6ONLY", number: SYS_setsockopt, arguments: [3, 41, 26], verdict: .allowed),
        .init(name: "IPV6_RTHDR", number: SYS_setsockopt, arguments: [3, 41, 57], verdict: .refused(EPERM)),
        .init(name: "IPV6_2292RTHDR", number: SYS_setsockopt, arguments: [3, 41, 5], verdict: .refused(EPERM)),
        .init(name: "shmget", number: SYS_shmget, verdict: .refused(ENOSYS)),
        .init(name: "mq_open", number: SYS_mq_open, verdict: .refused(ENOSYS)),
        .init(name: "io_uring_setup", number: SYS_io_uring_setup, verdict: .refused(ENOSYS)),
        .init(name: "ioctl TIOCSTI", number: SYS_ioctl, arguments: [0, 0x5412], verdict: .refused(EPERM)),
        .init(name: "clone CLONE_NEWUSER", number: SYS_clone, arguments: [0x1000_0011], verdict: .refused(EPERM)),
        .init(name: "ptrace", number: SYS_ptrace, verdict: .allowed),
    ]

    @Test("what the gate is asked about, what is refused, and what goes on", arguments: rules)
    func rule(_ rule: SystemCallFilterTests.Rule) throws {
        let machine = FilterMachine(
            program: try SystemCallFilter(allowsNamespaces: false, isSupervised: true).program())
        #expect(machine.verdict(UInt32(rule.number), rule.arguments, architecture: Self.here) == rule.verdict)
    }

    @Test("another architecture's calls, and those of x32, end the program")
    func architecture() throws {
        let machine = FilterMachine(
            program: try SystemCallFilter(allowsNamespaces: false, isSupervised: true).program())
        #expect(machine.verdict(UInt32(SYS_read), architecture: 0x4000_0003) == .killed)
        #expect(machine.verdict(0x4000_0000 + UInt32(SYS_connect), architecture: Self.here) == .killed)
    }
}
