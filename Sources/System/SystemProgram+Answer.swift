import CSystem
import Glibc

extension SystemProgram {
    /// What a program said, and how it ended.
    package struct Answer: Sendable {
        /// As `run` counts it.
        package let status: Int32
        package let output: [UInt8]
        /// What it said of mistakes; empty where that went to the terminal.
        package let errors: [UInt8]
    }

    /// Where a program finds what was attached.
    package static let attachment = "/proc/self/fd/3"

    /// Bytes that are kept of what it says; what is more ends it.
    package static let longestOutput = 1 << 20

    /// Runs a program and keeps what it says.
    ///
    /// - Parameters:
    ///   - attached: bytes that it finds as the file `attachment`, on no disk.
    ///   - isTalking: what it says of mistakes, and what it asks, goes to the terminal.
    ///   - patience: milliseconds; one that takes longer is killed.
    package static func answer(
        of name: String, _ arguments: [String], input: [UInt8], attached: [UInt8]? = nil, isTalking: Bool = false,
        patience: Int64
    ) throws(IOError) -> Answer {
        guard let path = path(of: name) else { throw .system("start \(name)", ENOENT) }
        guard input.count <= longestInput else { throw .system("start \(name)", E2BIG) }
        let descriptors = Descriptors()
        defer { descriptors.closeAll() }
        let (reading, writing) = try descriptors.pipe()
        let written = write(writing, input, input.count)
        guard written == input.count else { throw .system("write to \(name)", EIO) }
        let (output, outputEnd) = try descriptors.pipe()
        let (errors, errorsEnd) = try descriptors.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, outputEnd, STDOUT_FILENO)
        if !isTalking { posix_spawn_file_actions_adddup2(&actions, errorsEnd, STDERR_FILENO) }
        // Last: any of the others may have this number.
        if let attached { posix_spawn_file_actions_adddup2(&actions, try descriptors.memory(attached), 3) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this process reads as values are blocked here, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let failed = posix_spawn(&pid, path, &actions, &attributes, &words, environ)
        // Ours are closed, so that its end is the pipes' end.
        for end in [writing, outputEnd, errorsEnd] { descriptors.close(end) }
        guard failed == 0 else { throw .system("start \(path)", failed) }
        let said = listen(to: [output, errors], until: SystemClock.monotonic() + patience)
        if said == nil { kill(pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw .system("wait for \(name)", errno) }
        }
        guard let said else { throw .system("wait for \(name)", ETIMEDOUT) }
        let signal = status & 0x7F
        return Answer(
            status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: said[0], errors: said[1])
    }

    /// Everything up to the end of both; nil where that takes too long, or is too much.
    private static func listen(to ends: [CInt], until deadline: Int64) -> [[UInt8]]? {
        var said = [[UInt8]](repeating: [], count: ends.count)
        var open = Set(ends.indices)
        var piece = [UInt8](repeating: 0, count: 4096)
        while !open.isEmpty {
            let left = deadline - SystemClock.monotonic()
            guard left > 0 else { return nil }
            let order = open.sorted()
            var watched = order.map { pollfd(fd: ends[$0], events: Int16(POLLIN), revents: 0) }
            guard poll(&watched, nfds_t(watched.count), CInt(clamping: left)) > 0 else { continue }
            for (index, end) in zip(order, watched) where end.revents != 0 {
                let count = read(end.fd, &piece, piece.count)
                if count > 0 {
                    said[index] += piece.prefix(count)
                    guard said[index].count <= longestOutput else { return nil }
                } else if count == 0 || errno != EINTR {
                    open.remove(index)
                }
            }
        }
        return said
    }

    /// What one run has open. Nothing of it is inherited by other programs that are started at the same moment.
    private final class Descriptors {
        private var open: Set<CInt> = []

        func pipe() throws(IOError) -> (reading: CInt, writing: CInt) {
            var ends: [CInt] = [-1, -1]
            let failed = tg_pipe(&ends)
            guard failed == 0 else { throw .system("pipe", -failed) }
            open.formUnion(ends)
            return (ends[0], ends[1])
        }

        func memory(_ bytes: [UInt8]) throws(IOError) -> CInt {
            let raw = tg_memory_file()
            guard raw >= 0 else { throw .system("memfd_create", -raw) }
            open.insert(raw)
            guard write(raw, bytes, bytes.count) == bytes.count else { throw .system("write to memory", EIO) }
            return raw
        }

        func close(_ descriptor: CInt) {
            if open.remove(descriptor) != nil { _ = Glibc.close(descriptor) }
        }

        func closeAll() { for descriptor in open { close(descriptor) } }
    }
}
