import Glibc
import Synchronization
import Testing

@testable import System

@Suite struct DirectoryWatchTests {
    private func directory() throws -> String {
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        return try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    private func touch(_ path: String) { close(open(path, O_CREAT | O_WRONLY, 0o600)) }

    /// How often something is said to have appeared when `change` is made, once it was at least once.
    private func appearances(_ change: @escaping @Sendable (String) -> Void) throws -> Int {
        let path = try directory()
        defer { Files.remove(path) }
        let watch = try DirectoryWatch(path)
        return try onLoop { loop in
            let count = Counter()
            loop.spawn { try? await watch.serve(on: loop) { count.add() } }
            change(path)
            for _ in 0..<2000 where count.value == 0 { await loop.sleep(milliseconds: 5) }
            return count.value
        }
    }

    @Test("a file that is made is told of") func made() throws {
        #expect(try appearances { path in close(open("\(path)/kill", O_CREAT | O_WRONLY, 0o600)) } > 0)
    }

    @Test("a file that is moved there is told of, and a directory as well") func moved() throws {
        #expect(
            try appearances { path in
                close(open("\(path).elsewhere", O_CREAT | O_WRONLY, 0o600))
                rename("\(path).elsewhere", "\(path)/kill")
            } > 0)
        #expect(try appearances { path in mkdir("\(path)/kill", 0o700) } > 0)
    }

    @Test("what appeared before the watch is served is not missed") func early() throws {
        let path = try directory()
        defer { Files.remove(path) }
        let watch = try DirectoryWatch(path)
        touch("\(path)/kill")
        let count = try onLoop { loop in
            let count = Counter()
            loop.spawn { try? await watch.serve(on: loop) { count.add() } }
            for _ in 0..<2000 where count.value == 0 { await loop.sleep(milliseconds: 5) }
            return count.value
        }
        #expect(count == 1)
    }

    @Test("what is no directory is not watched", arguments: ["/nowhere/at/all", "/etc/passwd"])
    func refused(path: String) {
        #expect(throws: IOError.self) { _ = try DirectoryWatch(path) }
    }
}
