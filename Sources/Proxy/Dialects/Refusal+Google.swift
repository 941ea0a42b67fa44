import JSON

/// As Google's APIs speak of errors (AIP-193): `error` with the number, the text and the word for it.
extension Refusal {
    var googleStatus: [UInt8] {
        JSONWriter.object { body in
            body.object("error") { error in
                error.field("code", status)
                error.field("message", detail)
                error.field("status", canonicalCode)
            }
            write(common: &body)
        }
    }

    /// The word of `google.rpc.Code` for the status; those for which clients come back by themselves only where they may.
    private var canonicalCode: String {
        switch status {
        case 400: "INVALID_ARGUMENT"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409, 422, 423: "FAILED_PRECONDITION"
        case 413, 429: "RESOURCE_EXHAUSTED"
        case 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        default: "UNKNOWN"
        }
    }
}
