import Glibc
import System

/// A program beside the measurement, with everything that it starts; its words go to a file.
final class Program {
    let pid: pid_t
    private let name: String
    private let log: String
    private var status: Int32?

    /// - Parameter environment: `NAME=VALUE`, beside this process's own.
    init(
        _ name: String, _ words: [String], in directory: ScratchDirectory, environment: [String] = []
    ) throws(BenchFailure) {
        self.name = name
        log = directory.file("\(name).log")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var pid = pid_t()
        let failed = Program.withCStrings(words) { argv in
            Program.withCStrings(environment + Program.inherited) {
                posix_spawnp(&pid, words[0], &actions, nil, argv, $0)
            }
        }
        guard failed == 0 else { throw BenchFailure("cannot start \(words[0]): \(IOError.explanation(of: failed))") }
        self.pid = pid
    }

    deinit { stop() }

    private static var inherited: [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables
    }

    private static func withCStrings<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    var hasEnded: Bool {
        if status != nil { return true }
        var code: Int32 = 0
        guard waitpid(pid, &code, WNOHANG) == pid else { return false }
        status = code & 0x7F == 0 ? code >> 8 & 0xFF : 128 + code & 0x7F
        return true
    }

    /// What it said.
    var words: String {
        guard let bytes = try? Files.read(log) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As much of it as a message has room for.
    var lastWords: String { String(words.suffix(600)) }

    // MARK: What it uses

    /// Processor time of the program and of all that it started, user and system.
    var processorSeconds: Double { ProcessTree(of: pid).processorSeconds }

    var residentBytes: Int { ProcessTree(of: pid).residentBytes }

    // MARK: Its end

    /// Asks it to end, and ends it where it does not within three seconds.
    func stop() {
        guard !hasEnded else { return }
        let all = ProcessTree(of: pid).members
        kill(pid, SIGTERM)
        let patience = Moment.now() + 3
        while !hasEnded {
            if Moment.now() > patience { kill(pid, SIGKILL) }
            usleep(5000)
        }
        // Helpers end with their program, but not each of them at once; a number that another program has by now has
        // another start.
        for member in all where member.pid != pid {
            while ProcessStatus(of: member.pid)?.started == member.started, Moment.now() < patience { usleep(5000) }
            if ProcessStatus(of: member.pid)?.started == member.started { kill(member.pid, SIGKILL) }
        }
    }

    /// Runs a program to its end, and returns what it said.
    @discardableResult
    static func run(_ words: [String], in directory: ScratchDirectory) throws(BenchFailure) -> String {
        let program = try Program("command", words, in: directory)
        while !program.hasEnded { try Interruption.pause(milliseconds: 2) }
        guard program.status == 0 else {
            throw BenchFailure("`\(words.joined(separator: " "))` failed: \(program.lastWords)")
        }
        return program.words
    }

    /// Where a program is: on PATH, or where distributions keep those of administrators.
    static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin", "/sbin"])
            .map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
