import CSystem
import Glibc

/// What a program in a jail may not ask of the kernel, beside what its missing powers forbid.
package struct SystemCallFilter {
    /// Chromium and nested sandboxes make user namespaces of their own; what they own then has no network either.
    package let allowsNamespaces: Bool
    /// There are no namespaces around the program: the gate connects in its stead, and whatever the host's network or its
    /// shared memory could be reached by otherwise is refused.
    package let isSupervised: Bool

    package init(allowsNamespaces: Bool, isSupervised: Bool = false) {
        self.allowsNamespaces = allowsNamespaces
        self.isSupervised = isSupervised
    }

    /// The last system call of Linux 6.18: what comes after it nobody has judged.
    package static let lastKnown = 469

    // Numbers that the headers of Debian 12 do not have yet; from 424 on they are the same everywhere.
    private static let openTreeWithAttributes = 467

    private static let namespaces: UInt32 =
        0x0002_0000  // CLONE_NEWNS
        | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000  // CGROUP … NET
        | 0x0000_0080  // NEWTIME

    #if arch(x86_64)
        private static let architecture = UInt32(62) | 0x8000_0000 | 0x4000_0000
    #elseif arch(arm64)
        private static let architecture = UInt32(183) | 0x8000_0000 | 0x4000_0000
    #endif

    /// Would act on more than the jail, or undo it.
    private static let forbidden: [Int32] = [
        SYS_keyctl, SYS_add_key, SYS_request_key,  // keyrings belong to the user, not to a namespace
        SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
        SYS_setns, SYS_open_by_handle_at, SYS_name_to_handle_at,
        SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
        SYS_syslog, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_quotactl_fd,
    ]

    private static let mounting: [Int32] = [
        SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
        SYS_open_tree, SYS_move_mount, SYS_mount_setattr, Int32(openTreeWithAttributes),
    ]

    /// Would go past this filter: a ring makes system calls of its own.
    private static let absent: [Int32] = [SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register]

    package func program() throws(FilterAssembler.Mistake) -> [FilterInstruction] {
        var code = FilterAssembler()
        let killed = code.label()
        let refused = code.label()
        let missing = code.label()
        let allowed = code.label()
        let socket = code.label()
        let terminal = code.label()
        let cloning = code.label()

        code.load(.architecture)
        code.jump(unless: .equals(Self.architecture), to: killed)
        code.load(.number)
        // The numbers of x32 have this bit, and their own arguments.
        code.jump(if: .isAtLeast(0x4000_0000), to: killed)
        code.jump(if: .isAtLeast(UInt32(Self.lastKnown + 1)), to: missing)
        if isSupervised { supervision(&code, refused: refused, missing: missing, allowed: allowed) }
        for call in [SYS_socket, SYS_socketpair] { code.jump(if: .equals(UInt32(call)), to: socket) }
        code.jump(if: .equals(UInt32(SYS_ioctl)), to: terminal)
        for call in Self.absent { code.jump(if: .equals(UInt32(call)), to: missing) }
        for call in Self.forbidden { code.jump(if: .equals(UInt32(call)), to: refused) }
        if !allowsNamespaces {
            // Its flags are in memory, where this cannot look; the C library falls back to clone.
            code.jump(if: .equals(UInt32(SYS_clone3)), to: missing)
            for call in Self.mounting { code.jump(if: .equals(UInt32(call)), to: refused) }
            code.jump(if: .equals(UInt32(SYS_clone)), to: cloning)
            code.jump(if: .equals(UInt32(SYS_unshare)), to: cloning)
        }
        code.end(.allow)

        code.mark(socket)
        if isSupervised {
            supervisedSocketRules(&code, allowed: allowed)
        } else {
            socketRules(&code, allowed: allowed)
        }

        code.mark(terminal)
        code.load(.argument(1))
        // TIOCSTI and TIOCLINUX type into the terminal that whoever comes next reads from.
        code.jump(if: .equals(0x5412), to: refused)
        code.jump(if: .equals(0x541C), to: refused)
        code.end(.allow)

        code.mark(cloning)
        code.load(.argument(0))
        code.jump(if: .hasAny(Self.namespaces), to: refused)
        code.mark(allowed)
        code.end(.allow)

        code.mark(refused)
        code.end(.refuse(EPERM))
        code.mark(missing)
        code.end(.refuse(ENOSYS))
        code.mark(killed)
        code.end(.kill)
        return try code.assembled()
    }

    /// Only families that the jail's network namespace contains; virtual sockets (vsock) know no namespaces.
    private func socketRules(_ code: inout FilterAssembler, allowed: FilterAssembler.Label) {
        let netlink = code.label()
        let unsupported = code.label()
        code.load(.argument(0))
        for family in [AF_UNIX, AF_INET, AF_INET6] { code.jump(if: .equals(UInt32(family)), to: allowed) }
        code.jump(if: .equals(UInt32(AF_NETLINK)), to: netlink)
        code.end(.refuse(EAFNOSUPPORT))
        code.mark(netlink)
        // getaddrinfo and getifaddrs ask for addresses and routes (NETLINK_ROUTE, 0).
        code.load(.argument(2))
        code.jump(unless: .equals(0), to: unsupported)
        code.end(.allow)
        code.mark(unsupported)
        code.end(.refuse(EPROTONOSUPPORT))
    }
}
