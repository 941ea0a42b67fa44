package import JSON

/// What a body says, read in the one way it can be read.
package enum Document: Sendable {
    /// No body.
    case none
    case json(JSONDocument)
    /// `application/x-www-form-urlencoded`, in order, names repeated where the sender repeated them.
    case form([Parameter])
    /// A body that no rule can look into (an upload, a format without a reader, one over the inspection limit), with
    /// the reason in a few words. A rule that needs it counts as failed, and takes its highest tier.
    case opaque(String)
}
