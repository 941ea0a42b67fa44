import Testing

@testable import Jail

@Suite("Paths")
struct PathsTests {
    @Test(
        "one path is below another by whole names",
        arguments: [
            ("/home/a", "/home/a", true), ("/home/a", "/home/a/b", true), ("/home/a", "/home/ab", false),
            ("/", "/x", true), ("/home/a/b", "/home/a", false),
        ])
    func contains(outer: String, inner: String, expected: Bool) { #expect(Paths.contains(outer, inner) == expected) }

    @Test("the way down is every directory between")
    func between() {
        #expect(Paths.between("/tmp", "/tmp/a/b") == ["/tmp/a", "/tmp/a/b"])
        #expect(Paths.between("/", "/a/b") == ["/a", "/a/b"])
        #expect(Paths.between("/tmp", "/tmp").isEmpty)
        #expect(Paths.between("/tmp", "/var").isEmpty)
    }

    @Test("what is not there yet has the real name of its directory")
    func future() {
        #expect(Paths.realOrFuture("/proc/self/../no-such/deeper") != "")
        #expect(Paths.realOrFuture("/dev/./no-such") == "/dev/no-such")
    }

    @Test("a share is read-only where it says so", arguments: [("/a:ro", "/a", true), ("/a", "/a", false)])
    func share(text: String, path: String, isReadOnly: Bool) {
        #expect(JailSettings.Share(text) == .init(path: path, isReadOnly: isReadOnly))
    }
}
