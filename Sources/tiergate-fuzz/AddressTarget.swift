import Calls
import JSON
import Wire

extension FuzzTarget {
    static let address = FuzzTarget(
        name: "address",
        summary: "targets and authorities: normalising twice is normalising once, in a tunnel and outside",
        seeds: [
            "http://api.test/v1/./a/../b//c?x=1&y=%41", "https://EXAMPLE.com.:8443/%7Euser/%e2%82%ac",
            "http://1.2.3.4/",
            "http://[2001:DB8::1]:80/?a", "https://b.s3.eu-west-1.amazonaws.com/k//%2F.",
            "https://registry.npmjs.org/@a%2fb",
            "https://gitlab.com/api/v4/projects/a%2Fb/x", "http://0x7f.1/", "http://host/%252e%252e/", "http://h?q=%26",
            "https://s3.amazonaws.com/bucket/./x",
        ].map(\.bytes),
        dictionary: [
            "http://", "https://", "[", "]", "::", "::ffff:1.2.3.4", ":443", ":80", "..", "%2e%2e", "%2f", "%5c", "%25",
            "//", "/./", ";", "\\", "?", "#", "@", "amazonaws.com", "s3.", "registry.npmjs.org",
            "storage.googleapis.com",
            "gitlab.", "%ef%bc%8f", "%c3%a9", "e%cc%81", "xn--", "0x7f", "127.1", "%00",
        ],
        run: { bytes throws(Finding) in
            guard let raw = Text(utf8: bytes) else { return }
            for isSigned in [false, true] {
                guard let target = read(raw, host: nil, tunnel: nil, isSigned: isSigned) else { continue }
                let host = target.authority.hostField(for: target.scheme).bytes
                let once = Transcript.of(target)
                let twice = read(Text(target.description), host: host, tunnel: nil, isSigned: isSigned)
                try requireSame(once, twice.map(Transcript.of), "a normalised target is read otherwise")
                let inside = read(
                    target.spelling, host: host, tunnel: target.authority, scheme: target.scheme, isSigned: isSigned)
                try requireSame(once, inside.map(Transcript.of), "a target is read otherwise in a tunnel")
                try requireSame(
                    target.authority, try? Authority.read(target.authority.description.bytes), "another authority")
            }
            if let authority = try? Authority.read(bytes, defaultPort: 443) {
                let again = try? Authority.read(authority.description.bytes)
                try requireSame(authority, again, "an authority is read otherwise the second time")
            }
        })

    private static func read(
        _ raw: Text, host: [UInt8]?, tunnel: Authority?, scheme: Scheme? = nil, isSigned: Bool
    ) -> Target? {
        try? TargetReader.read(raw, hostField: host?[...], scheme: scheme, tunnel: tunnel, isSigned: isSigned)
    }
}
