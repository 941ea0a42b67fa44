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
    /// - Parameters:
    ///   - home: where Chromium looks for its database.
    ///   - other: where they are for a program that has no view of its own; nothing stands in the machine's own files' place.
    init(_ settings: Settings, home: String, in other: String? = nil) throws {
        let state = try StateDirectory(opening: settings.state)
        let trust = try RunTrust.made(settings, state, Paths.realOrFuture(state.file("trust")))
        let shown = other.map(trust.moved(to:)) ?? trust
        // Copies: the account of the program may not look into the gate's directories.
        var files: [JailSettings.File] = []
        for (path, source) in [
            (shown.bundle, trust.bundle), (shown.certificate, trust.certificate), (shown.keyStore, trust.keyStore),
        ] {
            files.append(.init(path: path, content: try Files.read(source)))
        }
        if other != nil { files.append(.init(path: shown.wgetSettings, content: shown.wgetContent)) }
        if case .made(let directory) = trust.database {
            for file in try Files.list(directory, endings: [".db", ".txt"]) {
                let name = file.split(separator: "/").last ?? ""
                files.append(
                    .init(path: "\(home)/\(TrustFiles.databasePlace)/\(name)", content: try Files.read(file)))
            }
        }
        self.files = files
        substitutes = shown.binds.map { .init(path: $0.source, target: $0.target) }
        variables = shown.environment(other == nil ? .bound : .environment).map { ($0.name, $0.value) }
    }

    /// Nothing is read of certificates and keys where the last start did: the program would wait for it, and the gate
    /// itself opens its authority before it judges a call.
    private static func made(_ settings: Settings, _ state: StateDirectory, _ directory: String) throws -> TrustFiles {
        if let made = TrustFiles(madeIn: directory, of: settings.authorityFile) { return made }
        let authority = try state.authority(
            for: "this machine", certificate: settings.authorityCertificate, key: settings.authorityKey)
        return try TrustFiles(in: directory, trusting: authority, of: settings.authorityFile)
    }
}
