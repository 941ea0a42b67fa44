package import JSON

/// What a host name under Amazon's domains says about the service behind it.
package struct AWSHost {
    /// As credential scopes spell it: `ec2`, `s3`, `ses`.
    package let service: String

    /// Nil for every other host. `host` is normalised.
    package init?(_ host: Text) {
        guard let domain = Self.domains.first(where: host.hasSuffix) else { return nil }
        var labels = host.utf8.dropLast(domain.utf8.count).split(separator: 0x2E).map {
            String(decoding: $0, as: UTF8.self)
        }
        // `vpce-0123.ec2.us-east-1.vpce.amazonaws.com`
        if labels.last == "vpce" { labels.removeLast() }
        while let last = labels.last, Self.isRegion(last) || last == "dualstack" || last == "fips" {
            labels.removeLast()
        }
        guard var service = labels.last else { return nil }
        if service.hasSuffix("-fips") { service.removeLast(5) }
        self.service = Self.isStorage(service) ? "s3" : Self.signingNames[service] ?? service
    }

    /// `us-east-1`, `us-gov-west-1`, `cn-north-1`.
    static func isRegion(_ label: String) -> Bool {
        let parts = label.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, let first = parts.first, let last = parts.last else { return false }
        return first.utf8.count == 2 && last.utf8.count == 1 && last.utf8.allSatisfy(ByteClass.isDigit)
            && parts.dropLast().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x61 < 26 } }
    }

    /// `s3`, and from older days `s3-us-west-2` and `s3-external-1`. S3's other faces (`s3-control`, `s3-outposts`) are
    /// services of their own, whose paths are ordinary ones.
    private static func isStorage(_ label: String) -> Bool {
        label == "s3" || label == "s3-external-1" || label == "s3-accesspoint"
            || label.hasPrefix("s3-") && isRegion(String(label.dropFirst(3)))
    }

    private static let domains: [Text] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]

    /// Hosts that are not called what their credential scopes say.
    private static let signingNames = ["email": "ses", "queue": "sqs", "ddb": "dynamodb"]
}
