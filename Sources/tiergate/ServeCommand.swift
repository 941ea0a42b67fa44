import JSON
import Rules

extension Command {
    static let serve = Command(
        name: "serve", summary: "run the gate until it is told to stop",
        options: Setting.options + [
            Option(
                name: "--transparent",
                help:
                    "also take connections and questions for names that packet rules lead here (`tiergate sidecar init`)"
            ),
            Option(
                name: "--record", value: "DIR",
                help: "record every judged call there, sealed and without its secrets, for `tiergate rules replay`",
                completion: .directory),
            Option(name: "--print-config", help: "print all settings in force with their reasons, and do nothing else"),
        ],
        details: """
            Without --config a user's own gate: state, rules and operator socket in the XDG base directories, beside the \
            rules that come with the program. With --config a service: keys that the file leaves out have the \
            defaults of one (/var/lib/tiergate, /etc/tiergate/rules, /run/tiergate/operator.sock). A flag wins over \
            the file; lists are given by repeating it.

            With --record DIR (the setting record.directory) every judged call goes into a recording, so that changed \
            rules can be tried on last week's traffic before they are in force. A recording is sealed with recording.key \
            of the state directory. Credentials, cookies, signatures and keys in queries, forms and JSON stand in it as \
            keyed hashes behind what their vendors document to be no secret (sk_test_, ghp_), so that rules judge it as \
            they judged the call; bodies are in it up to record.body, as far as rules can look into them. Answers are not \
            in it. A call never waits for it: what cannot be written is counted in the recording, said once on standard \
            error, and shown by `tiergate doctor` as long as it lasts. Beyond record.total the oldest files are removed.
            """,
        examples: [
            Example("tiergate serve", "your own gate on 127.0.0.1:9510"),
            Example("tiergate serve --config /etc/tiergate/tiergate.yaml", "a service"),
            Example(
                "tiergate serve --upstream.resolve '**.test=127.0.0.1' --upstream.allow 127.0.0.0/8",
                "reaches names under .test on this machine"),
            Example(
                "tiergate serve --record ~/recordings", "keeps what `tiergate rules replay ~/recordings` judges again"),
            Example("tiergate serve --transparent", "beside an agent whose traffic `tiergate sidecar init` leads here"),
            Example(
                "tiergate serve --print-config > tiergate.yaml", "a file to begin with: every key, with its reason"),
        ],
        run: { invocation in
            guard var settings = invocation.settings() else { return .usage }
            if invocation.has("--transparent") { settings.makeTransparent() }
            if let directory = invocation.value("--record") {
                settings.recordDirectory = invocation.absolute(directory)
            }
            if invocation.has("--print-config") {
                if invocation.isJSON {
                    invocation.terminal.print(json: settings.document)
                } else {
                    invocation.terminal.print(settings.rendered)
                }
                return .ok
            }
            return GateProcess.serve(settings, invocation)
        })
}

extension Invocation {
    /// A path as the person sees it from where the command was started.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(terminal.environment.currentDirectory)/\(path)"
    }

    /// The settings that this command line asks for; nil where they cannot be used, which the person has then been told.
    func settings() -> Settings? {
        do throws(Settings.Refusal) {
            return try Settings.load(self)
        } catch {
            _ = fail(error)
            return nil
        }
    }

    /// Settings that cannot be used: every mistake with its place.
    func fail(_ refusal: Settings.Refusal) -> ExitStatus {
        if isJSON {
            terminal.print(
                json: JSONWriter.object { document in
                    document.object("error") {
                        $0.field("message", refusal.message)
                        $0.field("exit", ExitStatus.usage.rawValue)
                    }
                    document.array("diagnostics") { array in
                        for diagnostic in refusal.diagnostics { array.object { diagnostic.write(into: &$0) } }
                    }
                })
        } else {
            for diagnostic in refusal.diagnostics { terminal.note(diagnostic.rendered + "\n") }
            terminal.fail(refusal.message, help: "`tiergate serve --print-config` shows every key")
        }
        return .usage
    }
}
