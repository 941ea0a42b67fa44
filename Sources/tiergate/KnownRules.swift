import Proxy
import System

/// Rules that a gate with this state has loaded before, told by the dates of their files.
///
/// It only decides whether a program waits for them to be loaded; what they say is read from the files each time.
struct KnownRules {
    private let file: String
    private let stamp: [UInt8]?

    init(_ settings: Settings) {
        file = "\(settings.state)/rules.good"
        stamp = (try? RuleFiles.fingerprint(settings.rules)).map {
            Array("\(Version.number) \(settings.rules) \($0)\n".utf8)
        }
    }

    var areGood: Bool { stamp != nil && (try? Files.read(file, limit: stamp?.count ?? 0)) == stamp }

    /// They were loaded without an error.
    func remember() {
        guard let stamp, !areGood else { return }
        // Where that fails the next program waits too.
        try? Files.replace(file, with: stamp, mode: 0o600)
    }
}
