import CSystem
import Glibc
import Testing

@testable import Jail

@Suite("System call filter")
struct SystemCallFilterTests {
    #if arch(x86_64)
        private static let here: UInt32 = 0xC000_003E
    #else
        private static let here: UInt32 = 0xC000_00B7
    #endif

    struct Rule: CustomTestStringConvertible {
        let name: String
        let number: Int32
        var arguments: [UInt64] = []
        let verdict: FilterMachine.Verdict
        /// Where the program may make user namespaces.
        var withNamespaces: FilterMachine.Verdict?

        var testDescription: String { name }
    }

    private static func socket(_ family: CInt, _ type: UInt64 = 1, _ number: UInt64 = 0) -> [UInt64] {
        [UInt64(family), type, number]
    }

    static let rules: [Rule] = [
        Rule(name: "read", number: SYS_read, verdict: .allowed),
        Rule(name: "ptrace", number: SYS_ptrace, verdict: .allowed),
        Rule(name: "socket AF_UNIX", number: SYS_socket, arguments: socket(AF_UNIX), verdict: .allowed),
        Rule(name: "socket AF_INET", number: SYS_socket, arguments: socket(AF_INET), verdict: .allowed),
        Rule(name: "socket AF_INET6", number: SYS_socket, arguments: socket(AF_INET6), verdict: .allowed),
        Rule(name: "socket MPTCP", number: SYS_socket, arguments: socket(AF_INET, 1, 262), verdict: .allowed),
        Rule(name: "socket NETLINK_ROUTE", number: SYS_socket, arguments: socket(AF_NETLINK), verdict: .allowed),
        Rule(
            name: "socket NETLINK_NETFILTER", number: SYS_socket, arguments: socket(AF_NETLINK, 3, 12),
            verdict: .refused(EPROTONOSUPPORT)),
        Rule(
            name: "socket NETLINK_SOCK_DIAG", number: SYS_socket, arguments: socket(AF_NETLINK, 3, 4),
            verdict: .refused(EPROTONOSUPPORT)),
        Rule(name: "socket AF_PACKET", number: SYS_socket, arguments: socket(17), verdict: .refused(EAFNOSUPPORT)),
        Rule(name: "socket AF_VSOCK", number: SYS_socket, arguments: socket(40), verdict: .refused(EAFNOSUPPORT)),
        Rule(
            name: "socket AF_VSOCK with upper bits", number: SYS_socket, arguments: [0xFFFF_FFFF_0000_0028],
            verdict: .refused(EAFNOSUPPORT)),
        Rule(name: "socketpair AF_UNIX", number: SYS_socketpair, arguments: socket(AF_UNIX), verdict: .allowed),
        Rule(
            name: "socketpair AF_TIPC", number: SYS_socketpair, arguments: socket(30), verdict: .refused(EAFNOSUPPORT)),
        Rule(name: "ioctl TCGETS", number: SYS_ioctl, arguments: [0, 0x5401], verdict: .allowed),
        Rule(name: "ioctl TIOCSTI", number: SYS_ioctl, arguments: [0, 0x5412], verdict: .refused(EPERM)),
        Rule(
            name: "ioctl TIOCSTI with upper bits", number: SYS_ioctl, arguments: [0, 0xFFFF_FFFF_0000_5412],
            verdict: .refused(EPERM)),
        Rule(name: "ioctl TIOCLINUX", number: SYS_ioctl, arguments: [0, 0x541C], verdict: .refused(EPERM)),
        Rule(name: "fork by clone", number: SYS_clone, arguments: [17], verdict: .allowed),
        Rule(name: "thread by clone", number: SYS_clone, arguments: [0x003D_0F00], verdict: .allowed),
        Rule(
            name: "clone CLONE_NEWUSER", number: SYS_clone, arguments: [0x1000_0011], verdict: .refused(EPERM),
            withNamespaces: .allowed),
        Rule(
            name: "clone CLONE_NEWNET", number: SYS_clone, arguments: [0x4000_0011], verdict: .refused(EPERM),
            withNamespaces: .allowed),
        Rule(name: "clone3", number: SYS_clone3, verdict: .refused(ENOSYS), withNamespaces: .allowed),
        Rule(name: "unshare CLONE_FILES", number: SYS_unshare, arguments: [0x400], verdict: .allowed),
        Rule(
            name: "unshare CLONE_NEWNS", number: SYS_unshare, arguments: [0x2_0000], verdict: .refused(EPERM),
            withNamespaces: .allowed),
        Rule(
            name: "unshare CLONE_NEWTIME", number: SYS_unshare, arguments: [0x80], verdict: .refused(EPERM),
            withNamespaces: .allowed),
        Rule(name: "setns", number: SYS_setns, verdict: .refused(EPERM)),
        Rule(name: "mount", number: SYS_mount, verdict: .refused(EPERM), withNamespaces: .allowed),
        Rule(name: "move_mount", number: SYS_move_mount, verdict: .refused(EPERM), withNamespaces: .allowed),
        Rule(name: "open_tree_attr", number: 467, verdict: .refused(EPERM), withNamespaces: .allowed),
        Rule(name: "chroot", number: SYS_chroot, verdict: .refused(EPERM), withNamespaces: .allowed),
        Rule(name: "io_uring_setup", number: SYS_io_uring_setup, verdict: .refused(ENOSYS)),
        Rule(name: "io_uring_enter", number: SYS_io_uring_enter, verdict: .refused(ENOSYS)),
        Rule(name: "io_uring_register", number: SYS_io_uring_register, verdict: .refused(ENOSYS)),
        Rule(name: "keyctl", number: SYS_keyctl, verdict: .refused(EPERM)),
        Rule(name: "add_key", number: SYS_add_key, verdict: .refused(EPERM)),
        Rule(name: "request_key", number: SYS_request_key, verdict: .refused(EPERM)),
        Rule(name: "bpf", number: SYS_bpf, verdict: .refused(EPERM)),
        Rule(name: "perf_event_open", number: SYS_perf_event_open, verdict: .refused(EPERM)),
        Rule(name: "userfaultfd", number: SYS_userfaultfd, verdict: .refused(EPERM)),
        Rule(name: "open_by_handle_at", number: SYS_open_by_handle_at, verdict: .refused(EPERM)),
        Rule(name: "finit_module", number: SYS_finit_module, verdict: .refused(EPERM)),
        Rule(name: "syslog", number: SYS_syslog, verdict: .refused(EPERM)),
        Rule(name: "the last call that is known", number: 469, verdict: .allowed),
        Rule(name: "the first that is not", number: 470, verdict: .refused(ENOSYS)),
        Rule(name: "x32", number: 0x4000_0029, verdict: .killed),
    ]

    @Test("each rule says what it should, and says it too where namespaces are allowed", arguments: rules)
    func rule(_ rule: Rule) throws {
        for allows in [false, true] {
            let machine = FilterMachine(program: try SystemCallFilter(allowsNamespaces: allows).program())
            let expected = allows ? rule.withNamespaces ?? rule.verdict : rule.verdict
            #expect(
                machine.verdict(UInt32(rule.number), rule.arguments, architecture: Self.here) == expected,
                "namespaces allowed: \(allows)")
        }
    }

    @Test(
        "another architecture's calls are killed, whatever their number", arguments: [UInt32(0x4000_0003), 0x4000_0028])
    func architecture(other: UInt32) throws {
        let machine = FilterMachine(program: try SystemCallFilter(allowsNamespaces: true).program())
        for number in [UInt32(0), 1, 102, 359] {
            #expect(machine.verdict(number, architecture: other) == .killed)
        }
    }
}
