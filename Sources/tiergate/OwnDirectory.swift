import Glibc
import Jail
import System

/// The home of a program without namespaces, which could be given no empty one in its own home's place.
struct OwnDirectory {
    let path: String
    private let account: JailSettings.Account?

    init(for account: RunAccount) throws(IOError) {
        path = Paths.realOrFuture(try Files.makeTemporaryDirectory("tiergate-run", in: "/tmp"))
        self.account = account.ofJail
        try give(path)
    }

    func remove() { Files.remove(path) }

    private func give(_ path: String) throws(IOError) {
        guard let account else { return }
        guard lchown(path, account.uid, account.gid) == 0 else { throw .system("give away \(path)", errno) }
    }

    /// Where the files are by which the program trusts the gate.
    var trust: String { "\(path)/trust" }

    func put(_ files: [JailSettings.File]) throws(IOError) {
        for file in files {
            for directory in Paths.between(path, Paths.parent(file.path)) where !Files.exist(directory) {
                try Files.makeDirectory(directory, mode: 0o755)
                try give(directory)
            }
            try Files.replace(file.path, with: file.content, mode: 0o644)
            try give(file.path)
        }
    }

    /// With what leads the program to this place.
    func variables(of trust: [(name: String, value: String)]) -> [(name: String, value: String)] {
        // Over TCP, as there are no datagrams (resolv.conf(5)).
        trust + [("HOME", path), ("TMPDIR", path), ("RES_OPTIONS", "use-vc")]
    }
}
