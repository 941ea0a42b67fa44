import Crypto
import Glibc
import System
import Testing

@testable import Trust

@Suite struct TrustFilesTests {
    /// A directory with a machine's trust in it: a bundle of two roots, a link to it, and a Java store with a third.
    private final class Machine {
        let path: String
        let authority: CertificateAuthority
        let roots: [RootCertificate]

        init() throws {
            var template = Array("/tmp/tiergate-trust-XXXXXX".utf8CString)
            path = try #require(mkdtemp(&template).map { String(cString: $0) })
            authority = try CertificateAuthority(creatingFor: "test")
            roots = try (0..<3).map { try Machine.root("root\($0)") }
            try write(roots[0].pem() + "# a remark\n" + roots[1].pem(), to: "bundle.pem")
            symlink("\(path)/bundle.pem", "\(path)/link.pem")
            let store = JavaKeyStore.bytes([("a", roots[1]), ("b", roots[2])], created: 0)
            try Files.replace("\(path)/java", with: store, mode: 0o644)
        }

        deinit { Files.remove(path) }

        static func root(_ name: String) throws -> RootCertificate {
            let pem = try CertificateAuthority(creatingFor: name).certificatePEM()
            return try #require(RootCertificate.all(inPEM: Array(pem.utf8)).first)
        }

        func write(_ text: String, to name: String) throws {
            try Files.replace("\(path)/\(name)", with: Array(text.utf8), mode: 0o644)
        }

        func system(bundles: [String] = ["none.pem", "link.pem", "bundle.pem"], java: [String] = ["java"])
            -> SystemTrust
        {
            SystemTrust(bundles: bundles.map { "\(path)/\($0)" }, javaStores: java.map { "\(path)/\($0)" })
        }

        func make(_ system: SystemTrust? = nil, certutil: String? = nil) throws -> TrustFiles {
            try TrustFiles(
                in: "\(path)/trust", trusting: authority, beside: system ?? self.system(), certutil: certutil)
        }

        var ofGate: RootCertificate {
            get throws { try #require(RootCertificate.all(inPEM: Array(authority.certificatePEM().utf8)).first) }
        }
    }

    private func certificates(_ file: String) throws -> [RootCertificate] {
        RootCertificate.all(inPEM: try Files.read(file))
    }

    private func inode(_ file: String) -> UInt {
        var status = stat()
        return stat(file, &status) == 0 ? UInt(status.st_ino) : 0
    }

    @Test("the bundle has the system's roots and the gate's, the certificate only the gate's, the key store Java's too")
    func contents() throws {
        let machine = try Machine()
        let files = try machine.make()
        let gate = try machine.ofGate
        #expect(try certificates(files.bundle) == [machine.roots[0], machine.roots[1], gate])
        #expect(try certificates(files.certificate) == [gate])
        let store = try JavaKeyStore.certificates(in: Files.read(files.keyStore))
        #expect(store == [gate] + machine.roots)
    }

    @Test(
        "a Java store in another format, or none at all, leaves the key store with the bundle's",
        arguments: [true, false])
    func otherStore(isThere: Bool) throws {
        let machine = try Machine()
        if isThere { try machine.write("0\u{2}", to: "java") } else { unlink("\(machine.path)/java") }
        let files = try machine.make()
        let store = try JavaKeyStore.certificates(in: Files.read(files.keyStore))
        #expect(store == [try machine.ofGate, machine.roots[0], machine.roots[1]])
    }

    @Test("what is bound lies over files that are there, by their own names, each once")
    func binds() throws {
        let machine = try Machine()
        let files = try machine.make()
        let trust = "\(machine.path)/trust"
        #expect(files.binds.map(\.source) == ["\(trust)/bundle.crt", "\(trust)/cacerts.jks"])
        #expect(files.binds.map(\.target) == ["\(machine.path)/bundle.pem", "\(machine.path)/java"])
        let bare = try machine.make(machine.system(bundles: ["none.pem"], java: []))
        #expect(bare.binds.isEmpty)
        #expect(try certificates(bare.bundle) == [machine.ofGate])
    }

    @Test("a Java of one's own is looked for where JAVA_HOME says, after the distribution's")
    func javaHome() {
        let stores = SystemTrust.machine(javaHome: "/opt/jdk").javaStores
        #expect(stores.first == "/etc/ssl/certs/java/cacerts")
        #expect(stores.contains("/opt/jdk/lib/security/cacerts"))
        #expect(!SystemTrust.machine().javaStores.contains("/opt/jdk/lib/security/cacerts"))
    }

    @Test("Java is told by a variable, which it prints each time, only where its own store is not bound over")
    func java() throws {
        let machine = try Machine()
        func isTold(_ files: TrustFiles, _ means: TrustFiles.Means) -> Bool {
            files.environment(means).contains { $0.name == "JAVA_TOOL_OPTIONS" }
        }
        let files = try machine.make()
        #expect(!isTold(files, .bound) && isTold(files, .environment))
        let bare = try machine.make(machine.system(java: []))
        #expect(isTold(bare, .bound) && isTold(bare, .environment))
    }

    @Test("every variable is named once and leads to a file that is there")
    func variables() throws {
        let machine = try Machine()
        let files = try machine.make()
        let variables = files.environment(.environment)
        #expect(Set(variables.map(\.name)).count == variables.count)
        for (name, value) in variables where name != "JAVA_TOOL_OPTIONS" {
            #expect(value.hasPrefix(files.directory) && Files.exist(value), "\(name)")
        }
        let lines = variables.map { "\($0.name)=\($0.value)\n" }.joined()
        #expect(try Files.read(files.environmentFile) == Array(lines.utf8))
    }

    @Test("nothing is written while nothing changed, and everything when a root, the gate or a file did")
    func onlyWhenChanged() throws {
        let machine = try Machine()
        let files = try machine.make()
        let first = inode(files.bundle)
        _ = try machine.make()
        #expect(inode(files.bundle) == first)

        try machine.write(machine.roots[0].pem(), to: "bundle.pem")
        _ = try machine.make()
        #expect(inode(files.bundle) != first)
        #expect(try certificates(files.bundle) == [machine.roots[0], machine.ofGate])

        let other = try CertificateAuthority(creatingFor: "other")
        _ = try TrustFiles(in: files.directory, trusting: other, beside: machine.system(), certutil: nil)
        #expect(try certificates(files.certificate).first?.fingerprint == other.fingerprint)

        unlink(files.keyStore)
        _ = try TrustFiles(in: files.directory, trusting: other, beside: machine.system(), certutil: nil)
        #expect(Files.exist(files.keyStore))
    }

    @Test("anybody may read the files, and no draft is left beside them")
    func modes() throws {
        let machine = try Machine()
        let files = try machine.make()
        for file in [files.bundle, files.certificate, files.keyStore] {
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o644)
        }
        let names = try Files.list(files.directory, endings: [""]).map { String($0.split(separator: "/").last ?? "") }
        #expect(names == ["bundle.crt", "ca.crt", "cacerts.jks", "environment", "inputs", "lock", "wgetrc"])
    }

    @Test("a directory that others may write is refused, and one's own is taken")
    func foreign() throws {
        let machine = try Machine()
        let directory = "\(machine.path)/trust"
        mkdir(directory, 0o777)
        chmod(directory, 0o777)
        #expect(throws: TrustFailure.foreign(directory: directory)) { try machine.make() }
        chmod(directory, 0o755)
        _ = try machine.make()
    }

    @Test("where it cannot be written, the failure says so")
    func unwritable() throws {
        let machine = try Machine()
        try machine.write("a file", to: "trust")
        #expect(throws: TrustFailure.self) { try machine.make() }
    }

    @Test(
        "without certutil, or with one that fails, the missing database has a reason", arguments: [nil, "/bin/false"])
    func withoutTool(certutil: String?) throws {
        let machine = try Machine()
        let files = try machine.make(certutil: certutil)
        guard case .missing(let reason) = files.database else {
            Issue.record("a database without a tool")
            return
        }
        #expect(reason.contains("certutil") || reason.contains("/bin/false"))
    }

    @Test(
        "with certutil there is a database that trusts the gate",
        .enabled(if: NSSDatabase.tool() != nil, "certutil is missing; deploy/packages names it"))
    func database() throws {
        let machine = try Machine()
        let files = try machine.make(certutil: NSSDatabase.tool())
        guard case .made(let directory) = files.database else {
            Issue.record("\(files.database)")
            return
        }
        #expect(Files.exist("\(directory)/cert9.db"))
        let listing = try ChildProcess(
            "/bin/sh", ["-c", "\(NSSDatabase.tool() ?? "") -L -d sql:\(directory) | grep -q 'Tiergate  *C,,'"])
        #expect(listing.finish(within: 30_000) == 0)
    }

    @Test("many that begin at once leave one whole set")
    func atOnce() async throws {
        let machine = try Machine()
        let (path, authority, system) = (machine.path, machine.authority, machine.system())
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    _ = try TrustFiles(in: "\(path)/trust", trusting: authority, beside: system, certutil: nil)
                }
            }
            try await group.waitForAll()
        }
        let files = try machine.make()
        #expect(try certificates(files.bundle).count == 3)
    }

    /// A file that nobody has changed for a while.
    private func age(_ path: String) {
        var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 1), timespec(tv_sec: 1_000_000_000, tv_nsec: 1)]
        utimensat(AT_FDCWD, path, &times, 0)
    }

    @Test("files that an earlier start made are known by dates alone, until one of those that they are made of changes")
    func dates() async throws {
        let machine = try Machine()
        let authority = "\(machine.path)/authority.pem"
        try machine.write(machine.authority.certificatePEM(), to: "authority.pem")
        func known() -> TrustFiles? {
            TrustFiles(madeIn: "\(machine.path)/trust", of: authority, beside: machine.system(), certutil: nil)
        }
        func make() throws {
            _ = try TrustFiles(
                in: "\(machine.path)/trust", trusting: machine.authority, of: authority, beside: machine.system(),
                certutil: nil)
        }
        try make()
        #expect(known() == nil, "the inputs are newer than two seconds: a change in the same moment would not show")
        for _ in 0..<600 where Files.settledDates(of: authority) == nil {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(known() == nil)
        try make()
        let files = try #require(known())
        #expect(files.binds.map(\.target) == ["\(machine.path)/bundle.pem", "\(machine.path)/java"])
        #expect(files.moved(to: "/elsewhere").environment(.environment).contains { $0.value == "/elsewhere/wgetrc" })
        // A date that is set back is not the same: the change of the inode cannot be.
        age("\(machine.path)/bundle.pem")
        #expect(known() == nil)
        unlink(files.keyStore)
        for _ in 0..<600 where Files.settledDates(of: "\(machine.path)/bundle.pem") == nil {
            try await Task.sleep(for: .milliseconds(50))
        }
        try make()
        #expect(known() != nil)
        unlink(files.keyStore)
        #expect(known() == nil)
    }
}
