import Glibc

/// The variables that a program in a jail inherits.
package enum ProgramEnvironment {
    /// Ways to programs outside, and places that are empty in the jail. Programs would stumble over them.
    private static let left: Set<String> = [
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
        "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY", "DISPLAY", "XAUTHORITY", "DOCKER_HOST", "CONTAINER_HOST",
        "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "TMPDIR", "TMUX", "TMUX_PANE", "OLDPWD",
    ]

    /// The person's own way to the world is the gate's matter now.
    private static let proxies: Set<String> = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"]

    /// Those of this process without what leads outside, and with `variables` in place of their namesakes.
    package static func inherited(replacing variables: [(name: String, value: String)]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        let replaced = Set(variables.map(\.name))
        var entry = environ
        while let variable = entry.pointee {
            entry += 1
            let bytes = UnsafeBufferPointer(start: variable, count: strlen(variable)).map { UInt8(bitPattern: $0) }
            let name = String(decoding: bytes.prefix { $0 != 0x3D }, as: UTF8.self)
            guard !left.contains(name), !replaced.contains(name), !proxies.contains(name.lowercased()),
                !name.hasPrefix("TIERGATE_")
            else { continue }
            result.append(bytes)
        }
        return result + variables.map { Array("\($0.name)=\($0.value)".utf8) }
    }
}
