import Foundation

/// Where the programs are that these tests run, and whether they are there.
enum Place {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// `deploy/test` names the release build; without it, what was built beside the tests.
    static let tiergate =
        ProcessInfo.processInfo.environment["TIERGATE_BINARY"]
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("tiergate").path
    /// Of the virtual environment with the clients of `deploy/requirements.txt`.
    static let python =
        ProcessInfo.processInfo.environment["TIERGATE_PYTHON"]
        ?? root.appendingPathComponent(".build/venv/bin/python").path
    /// For upstreams, which need no package.
    static let plainPython = onPath("python3")
    static let curl = onPath("curl")
    static let openssl = onPath("openssl")
    static let node = onPath("node")
    static let compiler = onPath("cc")
    static let rules = root.appendingPathComponent("rules").path

    static func script(_ name: String) -> String {
        root.appendingPathComponent("Tests/EndToEndTests/Clients/\(name)").path
    }

    private static func onPath(_ name: String) -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: has) ?? "/nowhere/\(name)"
    }

    /// Programs for administrators are not on everybody's PATH.
    static func system(_ name: String) -> String {
        let found = onPath(name)
        return has(found) ? found : "/usr/sbin/\(name)"
    }

    static func has(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// What nearly every test here needs: an upstream, its certificates, and a client.
    static let hasTools = has(curl) && has(openssl) && has(plainPython)
    static let toolsAreMissing = "curl, openssl or python3 is missing; deploy/packages names them"
    static let hasClients = hasTools && has(python)
    static let clientsAreMissing = "no Python clients in .build/venv; deploy/test installs them"
    static let nodeIsMissing = "there is no node"
}
