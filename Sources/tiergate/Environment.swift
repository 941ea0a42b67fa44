import Glibc

/// What the caller's environment says; tests hand in their own.
struct Environment: Sendable {
    private let variables: [String: String]
    /// The running program, with links resolved.
    let executable: String
    /// Relative paths begin here.
    let currentDirectory: String
    private let homeOfUser: String?

    init(_ variables: [String: String], executable: String, currentDirectory: String = ".", home: String? = nil) {
        self.variables = variables
        self.executable = executable
        self.currentDirectory = currentDirectory
        homeOfUser = home
    }

    /// Of this process, as far as commands ask for it.
    static func current() -> Environment {
        let names = [
            "HOME", "JAVA_HOME", "JAVA_TOOL_OPTIONS", "NO_COLOR", "TERM", "TMPDIR", "XDG_CONFIG_HOME",
            "XDG_RUNTIME_DIR",
            "XDG_STATE_HOME", "TIERGATE_SOCKET",
        ]
        var variables: [String: String] = [:]
        for name in names { variables[name] = getenv(name).map { String(cString: $0) } }
        let executable = path { readlink("/proc/self/exe", $0, $1) > 0 }
        let directory = path { getcwd($0, $1) != nil }
        let home = getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
        return Environment(
            variables, executable: executable ?? "tiergate", currentDirectory: directory ?? ".", home: home)
    }

    /// What a call of the C library writes into a buffer of zeros.
    private static func path(_ read: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress, read(start, buffer.count - 1) else { return nil }
            return String(cString: start)
        }
    }

    /// A variable that is set and not empty.
    subscript(name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The user's own directory.
    var home: String { self["HOME"] ?? homeOfUser ?? "/" }

    /// A directory of the XDG base directory specification, which ignores relative ones.
    private func base(_ name: String) -> String? { self[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }

    var stateHome: String { base("XDG_STATE_HOME") ?? "\(home)/.local/state" }
    var configHome: String { base("XDG_CONFIG_HOME") ?? "\(home)/.config" }
    var runtimeDirectory: String? { base("XDG_RUNTIME_DIR") }

    /// The rules that come with the program: of the checkout that it was built in, or installed beside it.
    var shippedRules: String? {
        var directory = executable.split(separator: "/").dropLast()
        if let build = directory.lastIndex(of: ".build") {
            return "/" + directory[..<build].joined(separator: "/") + "/rules"
        }
        guard directory.popLast() == "bin" else { return nil }
        return "/" + (directory + ["share", "tiergate", "rules"]).joined(separator: "/")
    }
}
