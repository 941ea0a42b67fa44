import CSystem
import Glibc
import System

/// What a jail needs of this kernel: what is there, what is missing, and what to do about it.
package struct Preflight: Sendable {
    package enum Finding: Hashable, Sendable {
        case there
        /// A jail is possible all the same.
        case weaker(reason: String)
        case missing(reason: String, help: String)
    }

    package let namespaces: Finding
    package let landlock: Finding

    /// Of this machine, now; makes a process in namespaces of its own. Packet rules and mounts are tried by each jail itself.
    package static var current: Preflight {
        let code = -tg_jail_probe_namespaces()
        let landlock: Finding =
            tg_landlock_version() >= 6
            ? .there
            : .weaker(
                reason: "this kernel has no Landlock scopes (Linux 6.12): abstract sockets and signals are kept in by "
                    + "namespaces alone")
        guard code == 0 else {
            let refusal = refusal(of: code)
            let finding = Finding.missing(reason: refusal.message, help: refusal.help ?? "")
            return Preflight(namespaces: finding, landlock: landlock)
        }
        return Preflight(namespaces: .there, landlock: landlock)
    }

    var help: String? {
        guard case .missing(_, let help) = namespaces else { return nil }
        return help
    }

    /// Why there are no namespaces for an ordinary account, by what the kernel says and how it is set up; and the other way.
    static func refusal(of code: CInt) -> JailFailure {
        let reason = reason(of: code)
        return JailFailure(reason.message, help: "\(reason.help ?? "")\n  or: \(weaker)")
    }

    private static let weaker =
        "`tiergate run --weaker`, which needs no namespaces and keeps less (`tiergate help run` says what)"

    private static func reason(of code: CInt) -> JailFailure {
        let subject = "this machine lets an ordinary account have no namespaces of its own"
        for kind in ["user", "net", "mnt", "pid", "ipc", "uts", "cgroup"] {
            guard code == ENOSPC, setting("user/max_\(kind)_namespaces") == "0" else { continue }
            return JailFailure(
                "\(subject): user.max_\(kind)_namespaces is 0",
                help: "as root: sysctl user.max_\(kind)_namespaces=15000 (and a line in /etc/sysctl.d to keep it)")
        }
        if code == ENOSPC {
            return JailFailure(
                "no more namespaces: a limit is reached, or this is a jail already",
                help: "a jail in a jail is not possible; otherwise look at sysctl user.max_user_namespaces")
        }
        if setting("kernel/unprivileged_userns_clone") == "0" {
            return JailFailure(
                "\(subject): kernel.unprivileged_userns_clone is 0",
                help: "as root: sysctl kernel.unprivileged_userns_clone=1 (and a line in /etc/sysctl.d to keep it)")
        }
        if setting("kernel/apparmor_restrict_unprivileged_userns") == "1" {
            return JailFailure(
                "\(subject): AppArmor restricts them (Ubuntu 23.10 and later)",
                help: """
                    as root, write a profile for this program to /etc/apparmor.d/tiergate: \
                    `abi <abi/4.0>, profile tiergate \(executable) flags=(unconfined) { userns, }`, \
                    then: apparmor_parser -r /etc/apparmor.d/tiergate
                    """)
        }
        if ["/.dockerenv", "/run/.containerenv"].contains(where: Files.exist) {
            return JailFailure(
                "\(subject): this is a container, and its seccomp profile forbids it",
                help: """
                    run the gate beside the agent's container (`tiergate serve`), or give this one a profile that \
                    allows clone and unshare with CLONE_NEWUSER, and mount: --security-opt seccomp=…
                    """)
        }
        return JailFailure(
            "\(subject): \(IOError.explanation(of: code))",
            help: "a kernel with user namespaces is needed; without them use the explicit proxy (`tiergate serve`)")
    }

    /// What programs can be kept by where there are no namespaces (`--weaker`).
    static func requireSupervision() throws(JailFailure) {
        var call: UnsafePointer<CChar>?
        let code = -tg_supervised_probe(&call)
        guard code == 0 else {
            let name = call.map { String(cString: $0) } ?? ""
            throw JailFailure(
                "even the weaker way needs what this machine refuses: \(name): \(IOError.explanation(of: code))",
                help: "a container's seccomp profile may forbid it; otherwise use the explicit proxy (`tiergate serve`)"
            )
        }
        let version = tg_landlock_version()
        guard version >= FileRights.leastVersion else {
            throw JailFailure(
                "even the weaker way needs Landlock of version \(FileRights.leastVersion) (Linux 6.2) to keep your files: "
                    + (version == 0
                        ? "this kernel has none, or it is switched off" : "this kernel has version \(version)"),
                help: "boot with lsm=landlock,… where it is switched off; otherwise use the explicit proxy")
        }
    }

    /// What may help where one step is refused.
    static func advice(on step: JailStep, code: CInt) -> String? {
        switch step {
        case .netlink(.packetRules, _):
            "the kernel needs nf_tables with tproxy, socket and reject: as root, modprobe nft_tproxy nft_socket nft_reject_inet"
        case .mount(_, _, "proc", _, _):
            "a container that masks parts of /proc forbids a new one: run it with --security-opt systempaths=unconfined"
        case .mount where code == EACCES, .attributes where code == EACCES:
            "the account may not enter that directory; start it elsewhere, or name another account with --user"
        case .mount where code == EPERM:
            "AppArmor or a container's profile forbids mounts in namespaces of one's own"
        case _: nil
        }
    }

    private static var executable: String { Paths.real("/proc/self/exe") ?? "/usr/bin/tiergate" }

    private static func setting(_ name: String) -> String? {
        guard let bytes = try? Files.read("/proc/sys/\(name)", limit: 64) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
