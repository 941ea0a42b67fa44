import Glibc

/// A program of the distribution that is run to its end.
package enum SystemProgram {
    /// Where administrators' programs are, whoever's PATH this is; nobody else can write there.
    private static let directories = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// Bytes that a pipe takes while nobody reads it (pipe(7)).
    package static let longestInput = 65_536

    /// Where it is; nil where it is not installed.
    package static func path(of name: String) -> String? {
        directories.map { "\($0)/" + name }.first { access($0, X_OK) == 0 }
    }

    /// - Parameters:
    ///   - input: what it reads; nil is nothing.
    ///   - isQuiet: what it says of mistakes is not shown.
    /// - Returns: its exit status; 128 and the signal's number where one ended it.
    package static func run(
        _ name: String, _ arguments: [String], input: String?, isQuiet: Bool = false
    ) throws(IOError) -> Int32 {
        guard let path = path(of: name) else { throw .system("start \(name)", ENOENT) }
        let reading = try ChildProcess.filledPipe(input ?? "", for: name)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, reading.raw, STDIN_FILENO)
        if isQuiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // Whoever started us may ignore it, and then the kernel keeps no exit status for us.
        signal(SIGCHLD, SIG_DFL)
        var pid: pid_t = 0
        let failed = posix_spawn(&pid, path, &actions, nil, &words, environ)
        guard failed == 0 else { throw .system("start \(path)", failed) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw .system("wait for \(name)", errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}
