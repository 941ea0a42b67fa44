import Rules
import System

extension Settings {
    /// Settings that cannot be used, each reason with its place.
    struct Refusal: Error {
        let message: String
        let diagnostics: [Diagnostic]
    }

    /// Defaults, then the file of `--config`, then the flags; later ones win.
    static func load(_ invocation: Invocation) throws(Refusal) -> Settings {
        var settings: Settings
        var diagnostics: [Diagnostic] = []
        let here = invocation.terminal.environment.currentDirectory
        if let path = invocation.value(Command.Option.config.name) {
            settings = ofService
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try Files.read(path, limit: YAMLLimits.default.bytes + 1)
            } catch {
                throw Refusal(message: "cannot read the settings: \(error)", diagnostics: [])
            }
            let directory = path.contains("/") ? path.split(separator: "/").dropLast().joined(separator: "/") : ""
            let parent = path.hasPrefix("/") ? "/\(directory)" : directory.isEmpty ? here : "\(here)/\(directory)"
            var reader = SettingsReader(RuleSource(path: path, bytes: bytes), directory: parent)
            reader.readFile(into: &settings)
            diagnostics += reader.yaml.diagnostics
        } else {
            settings = ofUser(invocation.terminal.environment, exists: Files.exist)
        }
        for setting in Setting.all {
            let values = invocation.values(setting.flag)
            guard let node = SettingsReader.node(values, setting.shape), !values.isEmpty else { continue }
            let source = RuleSource(path: setting.flag, bytes: Array(values.joined(separator: "\n").utf8))
            var reader = SettingsReader(source, directory: here)
            setting.read(node, &reader, &settings)
            diagnostics += reader.yaml.diagnostics
        }
        if (settings.authorityCertificate == nil) != (settings.authorityKey == nil), diagnostics.isEmpty {
            throw Refusal(
                message: "authority.certificate and authority.key belong together: give both, or neither",
                diagnostics: [])
        }
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            throw Refusal(message: "the settings cannot be used", diagnostics: diagnostics)
        }
        return settings
    }
}
