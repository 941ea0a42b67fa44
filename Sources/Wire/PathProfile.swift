import JSON

/// What is known of a host's paths that lets them be read where another host's would be refused.
enum PathProfile {
    case ordinary
    /// Names with slashes inside one segment, written `%2F`: npm's scoped packages, GitLab's projects and branches,
    /// objects in Google's storage.
    case encodedSlash
    /// Bucket and key of S3, signed as spelled.
    case objectKeys

    /// - Parameter host: normalised.
    init(host: Text) {
        if AWSHost(host)?.service == "s3" {
            self = .objectKeys
        } else if host == "registry.npmjs.org" || host == "storage.googleapis.com" || host.hasPrefix("gitlab.") {
            self = .encodedSlash
        } else {
            self = .ordinary
        }
    }
}
