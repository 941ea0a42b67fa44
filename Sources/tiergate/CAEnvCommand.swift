import JSON
import System
import Trust

extension Command {
    static let caEnv = Command(
        name: "ca env", summary: "print the variables that send a program's calls through the gate and make it trusted",
        options: [
            Option(
                name: "--shell", value: "SHELL", help: "sh, which bash and zsh read too, or fish; sh without it",
                completion: .words(Shell.allCases.map(\.rawValue))),
            Option(
                name: "--to", value: "DIR",
                help:
                    "make the files that the variables name there, for agents that may not look into the state directory",
                completion: .directory),
            .config,
        ],
        details: """
            Makes a bundle of the system's roots and the gate's, a key store for Java and, where certutil of \
            libnss3-tools is installed, a certificate database for Chromium, in the directory `trust` of the state \
            directory; files that are up to date stay as they are. Then prints the proxy and what each kind of program \
            reads to find its roots. WGETRC takes the place of your ~/.wgetrc, for wget has no other variable. Chromium \
            reads none: its home needs the database as .pki/nssdb.
            """,
        examples: [
            Example("eval \"$(tiergate ca env)\"", "this shell's programs go through the gate"),
            Example("tiergate ca env --shell fish | source", "the same in fish"),
            Example("tiergate ca env --json | jq .environment", "for other programs, with the files"),
            Example(
                "tiergate ca env --config /etc/tiergate/tiergate.yaml --to /run/tiergate-trust > /dev/null",
                "for agents under other accounts"),
        ],
        run: { invocation in
            guard let shell = invocation.value("--shell").map(Shell.init(rawValue:)) ?? .sh else {
                let known = Shell.allCases.map(\.rawValue).joined(separator: " or ")
                return invocation.fail(
                    .usage, "--shell is \(known)",
                    help: "bash and zsh read what is meant for sh; --json is for programs")
            }
            return invocation.withAuthority { settings, authority in
                let system = SystemTrust.machine(javaHome: invocation.terminal.environment["JAVA_HOME"])
                let files = try TrustFiles(
                    in: invocation.trustDirectory(settings), trusting: authority, beside: system)
                let variables = settings.agentEnvironment(files, invocation.terminal.environment)
                if invocation.isJSON {
                    invocation.terminal.print(json: document(files, variables))
                } else {
                    for variable in variables { invocation.terminal.print(shell.export(variable)) }
                }
            }
        })

    private static func document(_ files: TrustFiles, _ variables: [TrustFiles.Variable]) -> [UInt8] {
        JSONWriter.object { document in
            document.object("environment") { object in
                for (name, value) in variables { object.raw(named: name, JSONWriter.string(value)) }
            }
            document.object("files") { object in
                object.field("bundle", files.bundle)
                object.field("certificate", files.certificate)
                object.field("key_store", files.keyStore)
                switch files.database {
                case .made(let directory): object.field("nss_database", directory)
                case .missing(let reason):
                    object.null("nss_database")
                    object.field("nss_database_missing", reason)
                }
            }
            document.array("binds") { array in
                for bind in files.binds {
                    array.object {
                        $0.field("source", bind.source)
                        $0.field("target", bind.target)
                    }
                }
            }
        }
    }
}

extension Invocation {
    fileprivate func trustDirectory(_ settings: Settings) -> String {
        guard let directory = value("--to") else { return "\(settings.state)/trust" }
        return directory.hasPrefix("/") ? directory : "\(terminal.environment.currentDirectory)/\(directory)"
    }
}

extension Settings {
    /// What programs read to find the proxy and whom to trust.
    ///
    /// - Parameter environment: the caller's; options that it has for Java stay.
    func agentEnvironment(_ files: TrustFiles, _ environment: Environment) -> [TrustFiles.Variable] {
        let address = listen.first ?? .ip(.v4(0x7F00_0001), port: 9510)
        let proxy = "http://\(address)"
        var variables: [TrustFiles.Variable] = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"].map {
            ($0, proxy)
        }
        // Node reads those above only where this says so (22.21, 24.5 and later).
        variables.append(("NODE_USE_ENV_PROXY", "1"))
        variables += files.environment(.environment)
        guard let java = variables.firstIndex(where: { $0.name == "JAVA_TOOL_OPTIONS" }) else { return variables }
        // Java reads no variable for a proxy.
        let options = variables[java].value + Self.javaProxy(address)
        let own = environment["JAVA_TOOL_OPTIONS"].flatMap { $0.contains("-Djavax.net.ssl.trustStore=") ? nil : $0 }
        variables[java].value = [own, options].compactMap { $0 }.joined(separator: " ")
        return variables
    }

    private static func javaProxy(_ address: SocketAddress) -> String {
        guard case .ip(let host, let port) = address else { return "" }
        return ["http", "https"].map { " -D\($0).proxyHost=\(host) -D\($0).proxyPort=\(port)" }.joined()
    }
}
