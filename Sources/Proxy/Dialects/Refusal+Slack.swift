import JSON

/// As Slack speaks of errors: `ok` says it, `error` is a word, and the SDK shows the whole body in its exception.
extension Refusal {
    var slackError: [UInt8] {
        JSONWriter.object { body in
            body.field("ok", false)
            body.field("error", code == "held" ? "held_for_approval" : code)
            body.object("response_metadata") { $0.array("messages", [detail]) }
            write(common: &body)
        }
    }
}
