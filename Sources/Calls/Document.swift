package import JSON

/// What a body says, read in the one way it can be read.
package enum Document: Sendable {
    /// No body.
    case none
    case json(JSONDocument)
    /// `application/x-www-form-urlencoded`, in order, names repeated where the sender repeated them.
    case form([Parameter])
    /// `multipart/form-data`, in order, names repeated where the sender repeated them.
    case multipart([FormPart])
    /// A body that no rule can look into (an upload, a format without a reader, one over the inspection limit), with
    /// the reason in a few words. A rule that needs it counts as failed, and takes its highest tier.
    case opaque(String)
}

extension Document {
    /// The fields of a form, in either of its formats; nil for what is no form. An upload is none of them: whoever asks for
    /// its name as text finds nothing, and `parts` says that it is there.
    package var parameters: [Parameter]? {
        switch self {
        case .form(let parameters): parameters
        case .multipart(let parts):
            parts.compactMap { part in
                if case .text(let text) = part.content { Parameter(part.name, text) } else { nil }
            }
        case .none, .json, .opaque: nil
        }
    }
}
