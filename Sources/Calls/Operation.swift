package import JSON

/// The smallest part of a call that is judged; a call's verdict is the strictest of its operations'.
package enum Operation: Hashable, Sendable {
    /// Method, host and path say it all.
    case http
    /// An AWS API operation, in any of its protocols: service in small letters (`ec2`), action as spelled
    /// (`RunInstances`).
    case aws(service: Text, action: Text)
}
