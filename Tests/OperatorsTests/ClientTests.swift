import Calls
import Glibc
import Holds
import JSON
import OperatorsTesting
import System
import Testing

@testable import Operators

@Suite struct OperatorClientTests {
    @Test("no gate, and no way there, are told apart and say what to do")
    func failures() async throws {
        let bench = try await SocketBench()
        let path = bench.path
        let missing = path + ".none"
        #expect(throws: OperatorFailure.notRunning(path: missing)) { try OperatorClient(socket: missing).health() }
        let file = "/etc/hostname"
        #expect(throws: OperatorFailure.notRunning(path: file)) { try OperatorClient(socket: file).health() }
        let long = "/tmp/" + String(repeating: "a", count: 120)
        #expect(throws: OperatorFailure.self) { try OperatorClient(socket: long).health() }
        bench.stop()
    }

    @Test(
        "what the kernel says becomes a sentence",
        arguments: [
            (IOError.system("connect", ENOENT), "tiergate serve"), (.system("connect", ECONNREFUSED), "--socket"),
            (.system("connect", EACCES), "join that"), (.system("connect", ENAMETOOLONG), "107 bytes"),
            (.timedOut, "timed out"),
        ])
    func sentences(error: IOError, part: String) {
        let failure = OperatorFailure(connecting: "/run/x.sock", error)
        #expect(failure.description.contains(part))
        #expect(failure.description.contains("/run/x.sock"))
    }

    @Test(
        "what is no gate is not understood",
        arguments: [
            "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n[]",
        ])
    func strangers(answer: String) async throws {
        let stranger = try await Stranger(answering: answer)
        defer { stranger.stop() }
        do throws(OperatorFailure) {
            _ = try OperatorClient(socket: stranger.path).health()
            Issue.record("understood")
        } catch {
            guard case .notUnderstood(let path, _) = error else { throw error }
            #expect(path == stranger.path)
        }
    }

    @Test(
        "a connection that ends too early warns of a decision that may stand",
        arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
    func broken(answer: String) async throws {
        let stranger = try await Stranger(answering: answer)
        defer { stranger.stop() }
        do throws(OperatorFailure) {
            _ = try OperatorClient(socket: stranger.path).health()
            Issue.record("answered")
        } catch {
            guard case .broken = error else { throw error }
            #expect(error.description.contains("look before you decide again"))
        }
    }

    @Test("curl speaks to the socket", .enabled(if: access("/usr/bin/curl", X_OK) == 0, "curl is not installed"))
    func curl() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        func curl(_ arguments: String...) async throws -> String {
            try await output(of: ["/usr/bin/curl", "-s", "--unix-socket", bench.path] + arguments)
        }
        #expect(try await curl("http://x/v1/holds").contains(hold.id.description))
        let answer = try await curl(
            "-X", "POST", "-H", "If-Match: \"\(hold.digest)\"", "-d", #"{"reason":"by curl"}"#,
            "http://x/v1/holds/\(hold.id)/approve")
        #expect(answer.contains(#""reason":"by curl""#))
        #expect(answer.contains(#""state":"approved""#))
    }
}

/// Somebody else on a Unix socket, who says one thing to everybody.
final class Stranger: Sendable {
    let path: String
    private let loop: EventLoop

    init(answering answer: String) async throws {
        var template = Array("/tmp/tiergate-stranger-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) + "/s"
        loop = try EventLoop()
        let (loop, path) = (loop, path)
        await withCheckedContinuation { ready in
            loop.spawn {
                guard let listener = try? Listener(.unix(path: path)) else { return ready.resume() }
                ready.resume()
                try? await listener.accept(on: loop) { fd, _, _ in
                    guard let socket = try? Socket(owning: fd, on: loop) else { return }
                    let bytes = Array(answer.utf8)
                    try? await socket.readable(by: loop.now + 1000)
                    _ = bytes.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, 0x4000) }
                    socket.finishWriting()
                }
            }
            try? WorkerThread.spawn("stranger") { loop.run { loop.isStopping && loop.taskCount == 0 } }
        }
    }

    func stop() {
        unlink(path)
        rmdir(String(path.dropLast(2)))
        loop.spawn { [loop] in loop.drain() }
    }
}

/// Runs a program on a thread of its own, and returns what it prints.
func output(of command: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try WorkerThread.spawn("child") {
                let line = command.map { "'\($0)'" }.joined(separator: " ")
                guard let pipe = popen(line, "r") else { return continuation.resume(returning: "") }
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
                    bytes += buffer.prefix(count)
                }
                pclose(pipe)
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
