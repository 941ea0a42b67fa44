import Glibc
import System
import Testing

@Suite(.serialized) struct ProcessPlaceTests {
    private static let all = Set(ProcessPlace.Namespace.allCases)

    @Test("this process stands where it stands, and init has no foreign ancestors")
    func own() {
        #expect(ProcessPlace.foreign(Self.all, of: getpid()) == nil)
        #expect(ProcessPlace.ancestors(of: getpid()).first == getppid() || getppid() == 0)
        #expect(!ProcessPlace.isGone(getpid()) && !ProcessPlace.isGone(1))
        #expect(ProcessPlace.ancestors(of: 0).isEmpty && ProcessPlace.foreign(Self.all, of: 0) == nil)
    }

    @Test("a child is ours while it runs, and gone after")
    func child() throws {
        let child = try ChildProcess("/bin/sleep", ["60"])
        #expect(ProcessPlace.ancestors(of: child.pid).first == getpid())
        #expect(ProcessPlace.foreign(Self.all, of: child.pid) == nil)
        child.end()
        _ = child.finish(within: 60_000)
        #expect(ProcessPlace.isGone(child.pid))
    }

    @Test(
        "another namespace is told by its kind",
        .enabled(if: geteuid() == 0 && access("/usr/bin/unshare", X_OK) == 0, "root and unshare are needed"),
        arguments: [(["--net"], .network), (["--user", "--map-root-user"], .user)]
            as [([String], ProcessPlace.Namespace)])
    func unshared(flags: [String], kind: ProcessPlace.Namespace) throws {
        let child = try ChildProcess("/usr/bin/unshare", flags + ["/bin/sleep", "60"])
        defer {
            child.end()
            _ = child.finish(within: 60_000)
        }
        for _ in 0..<60_000 where ProcessPlace.foreign([kind], of: child.pid) == nil {
            guard child.status() == nil else { return }  // This machine does not let it be made.
            usleep(1000)
        }
        #expect(ProcessPlace.foreign([kind], of: child.pid) == kind)
        #expect(ProcessPlace.foreign(Self.all.subtracting([kind]), of: child.pid) == nil)
    }
}

@Suite struct SystemProgramAnswerTests {
    @Test("what a program says and how it ends; what is attached is there to be read")
    func answers() throws {
        let said = try SystemProgram.answer(
            of: "sh", ["-c", "cat; cat \(SystemProgram.attachment); echo wrong >&2; exit 3"], input: Array("in ".utf8),
            attached: Array("file".utf8), patience: 60_000)
        #expect(said.status == 3)
        #expect(String(decoding: said.output, as: UTF8.self) == "in file")
        #expect(String(decoding: said.errors, as: UTF8.self) == "wrong\n")
        let killed = try SystemProgram.answer(of: "sh", ["-c", "kill -TERM $$"], input: [], patience: 60_000)
        #expect(killed.status == 128 + SIGTERM)
    }

    @Test("one that takes too long, says too much, or is not there, is an error")
    func refuses() {
        #expect(throws: IOError.system("wait for sleep", ETIMEDOUT)) {
            _ = try SystemProgram.answer(of: "sleep", ["60"], input: [], patience: 50)
        }
        #expect(throws: IOError.system("wait for yes", ETIMEDOUT)) {
            _ = try SystemProgram.answer(of: "yes", [], input: [], patience: 60_000)
        }
        #expect(throws: IOError.system("start no-such-program", ENOENT)) {
            _ = try SystemProgram.answer(of: "no-such-program", [], input: [], patience: 50)
        }
        #expect(throws: IOError.system("start cat", E2BIG)) {
            _ = try SystemProgram.answer(
                of: "cat", [], input: Array(repeating: 0, count: SystemProgram.longestInput + 1), patience: 50)
        }
    }
}
