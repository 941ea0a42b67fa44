import Foundation
import Glibc

/// What a program that ran to its end said.
struct Finished {
    /// The exit status; of one that was killed, 128 and the signal, as shells count.
    let status: Int32
    let output: String
    let errors: String
}

struct Failed: Error, CustomStringConvertible {
    let description: String
}

/// A program under test or beside it; ended when nobody holds it any more.
///
/// It writes into files: nobody has to read along, and nothing is lost when it is killed.
final class Running {
    let pid: pid_t
    private let name: String
    private let files: (output: String, errors: String)
    private var status: Int32?

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        name = ([program.split(separator: "/").last.map(String.init) ?? program] + arguments.prefix(3))
            .joined(separator: " ")
        let base = "/tmp/tiergate-ran-\(UUID().uuidString)"
        files = ("\(base).out", "\(base).err")
        let inherited = ProcessInfo.processInfo.environment
            // A proxy or an account of whoever runs the tests is none of theirs.
            .filter { !$0.key.lowercased().hasSuffix("_proxy") && !$0.key.hasPrefix("AWS_") }
        pid = try Running.spawn(
            [program] + arguments, inherited.merging(environment) { _, mine in mine }.map { "\($0)=\($1)" }, files)
    }

    deinit {
        if !hasEnded {
            signal(SIGKILL)
            waitpid(pid, nil, 0)
        }
        unlink(files.output)
        unlink(files.errors)
    }

    private static func spawn(
        _ words: [String], _ environment: [String], _ files: (output: String, errors: String)
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, files.errors, flags, 0o600)
        var pid = pid_t()
        let code = withCStrings(words) { argv in
            withCStrings(environment) { posix_spawn(&pid, words[0], &actions, nil, argv, $0) }
        }
        guard code == 0 else { throw Failed(description: "cannot run \(words[0]): \(String(cString: strerror(code)))") }
        return pid
    }

    var output: String { Running.text(files.output) }
    var errors: String { Running.text(files.errors) }
    /// All that it has written so far.
    var text: String { output + errors }

    private static func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }

    func signal(_ number: Int32) { if status == nil { kill(pid, number) } }

    /// Stops it, and returns when each of its threads has stopped: none is in the middle of a call to the kernel.
    func standStill() async throws {
        signal(SIGSTOP)
        try await waitUntil("every thread of \(name) stands still") { [self] in
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
            return tasks.allSatisfy { task in
                guard let stat = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/stat", encoding: .utf8),
                    let end = stat.lastIndex(of: ")")
                else { return true }
                return stat[end...].dropFirst(2).first == "T"
            }
        }
    }

    var hasEnded: Bool {
        guard status == nil else { return true }
        var code: Int32 = 0
        guard waitpid(pid, &code, WNOHANG) == pid else { return false }
        status = code & 0x7F == 0 ? code >> 8 & 0xFF : 128 + code & 0x7F
        return true
    }

    func finish(within seconds: Double = 30) async throws -> Finished {
        try await waitUntil("\(name) ends; it said: \(text)", within: seconds) { hasEnded }
        return Finished(status: status ?? -1, output: output, errors: errors)
    }

    func killAndWait() async throws {
        signal(SIGKILL)
        _ = try await finish()
    }
}

private func withCStrings<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}

/// Looks every few milliseconds until it is so.
func waitUntil(
    _ what: @autoclosure () -> String, within seconds: Double = 20, every pause: Duration = .milliseconds(5),
    _ isSo: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await isSo() { return }
        try await Task.sleep(for: pause)
    }
    throw Failed(description: "after \(seconds) s it was still not so that \(what())")
}

/// Runs a program to its end.
func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 30
) async throws -> Finished {
    try await Running(program, arguments, environment: environment).finish(within: seconds)
}
