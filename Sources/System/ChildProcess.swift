import Glibc

/// A program started by this one, with its own standard streams or ours.
package struct ChildProcess: Sendable {
    package let pid: Int32

    /// Starts a program; it inherits the environment and the standard streams.
    ///
    /// - Parameter input: what it reads instead, at most what a pipe takes.
    package init(_ program: String, _ arguments: [String], input: String? = nil) throws(IOError) {
        var reading: FileDescriptor?
        if let input { reading = try Self.filledPipe(input, for: program) }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // Signals that we read as values are blocked here, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // Whoever started us may ignore it, and then the kernel keeps no exit status for us.
        signal(SIGCHLD, SIG_DFL)
        var pid: pid_t = 0
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let raw = reading?.raw { posix_spawn_file_actions_adddup2(&actions, raw, STDIN_FILENO) }
        let failed = posix_spawn(&pid, program, &actions, &attributes, &words, environ)
        guard failed == 0 else { throw .system("start \(program)", failed) }
        self.pid = pid
    }

    /// The reading end of a pipe that holds all of it.
    static func filledPipe(_ input: String, for program: String) throws(IOError) -> FileDescriptor {
        let bytes = Array(input.utf8)
        guard bytes.count <= SystemProgram.longestInput else { throw .system("start \(program)", E2BIG) }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reading = FileDescriptor(owning: ends[0])
        let written = write(ends[1], bytes, bytes.count)
        close(ends[1])
        guard written == bytes.count else { throw .system("write to \(program)", EIO) }
        return reading
    }

    /// Its exit code where it has ended; 128 and the signal's number where one ended it.
    package func status() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Its exit code once it has ended, however long a person takes.
    package func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) != pid {
            guard errno == EINTR else { return 128 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Waits for its end; one that takes longer is killed.
    package func finish(within milliseconds: Int) -> Int32 {
        for _ in 0..<milliseconds {
            if let status = status() { return status }
            usleep(1000)
        }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        return 128 + SIGKILL
    }

    package func end() { kill(pid, SIGTERM) }
}
