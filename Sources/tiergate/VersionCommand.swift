import JSON

extension Command {
    static let version = Command(
        name: "version", summary: "print the version of this program",
        examples: [Example("tiergate version", "prints `tiergate \(Version.number)`")],
        run: { invocation in
            if invocation.isJSON {
                invocation.terminal.print(
                    json: JSONWriter.object {
                        $0.field("name", "tiergate")
                        $0.field("version", Version.number)
                    })
            } else {
                invocation.terminal.print("tiergate \(Version.number)")
            }
            return .ok
        })
}

/// What this program calls itself, in the journal too.
enum Version {
    static let number = "0.1.0"
}
