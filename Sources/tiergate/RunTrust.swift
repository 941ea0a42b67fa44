import Glibc
import Jail
import Stores
import System
import Trust

/// The files by which a program in a jail trusts the gate, as its jail shows them.
struct RunTrust {
    let files: [JailSettings.File]
    let substitutes: [JailSettings.Substitute]
    let variables: [(name: String, value: String)]

    /// Makes them in the state directory where they are missing.
    ///
    /// - Parameter home: where Chromium looks for its database.
    init(_ settings: Settings, home: String) throws {
        let state = try StateDirectory(opening: settings.state)
        let authority = try state.authority(
            for: "this machine", certificate: settings.authorityCertificate, key: settings.authorityKey)
        let trust = try TrustFiles(in: Paths.realOrFuture(state.file("trust")), trusting: authority)
        // Copies: the account of the program may not look into the gate's directories.
        var files: [JailSettings.File] = []
        for path in [trust.bundle, trust.certificate, trust.keyStore] {
            files.append(.init(path: path, content: try Files.read(path)))
        }
        if case .made(let directory) = trust.database {
            for file in try Files.list(directory, endings: [".db", ".txt"]) {
                let name = file.split(separator: "/").last ?? ""
                files.append(
                    .init(path: "\(home)/\(TrustFiles.databasePlace)/\(name)", content: try Files.read(file)))
            }
        }
        self.files = files
        substitutes = trust.binds.map { .init(path: $0.source, target: $0.target) }
        variables = trust.environment(.bound).map { ($0.name, $0.value) }
    }
}
