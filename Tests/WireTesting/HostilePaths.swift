/// Spellings of paths under `/deny/` and `/v1/admin/`, or that some server takes for one.
///
/// A rule that denies `/deny/**` must have every one of them, or the gate must not send it, or no server may resolve
/// what is sent to a path under the prefix.
package struct HostilePath: Sendable, CustomStringConvertible {
    /// A scalar for each byte, as it stands in the request line.
    package let spelling: String

    package var description: String { Draft.shown(spelling) }
    package var bytes: [UInt8] { Draft.bytes(spelling) }
}

package enum HostilePaths {
    package static let all = (encoded + dots + slashes + cuts + text + forms).map(HostilePath.init)

    private static let encoded = [
        "/deny/secret", "/v1/admin/users", "/%64eny/secret", "/%64%65%6e%79/secret", "/%64%65%6E%79/secret",
        "/v1/%61dmin/users",
        "/v1/%61%64%6d%69%6e/users", "/deny%2Fsecret", "/deny%2fsecret", "/v1%2Fadmin%2Fusers", "/v1/admin%2Fusers",
        "/deny%5Csecret",
        "/deny%5csecret", "/%2564eny/secret", "/%25%36%34eny/secret", "/deny%252Fsecret", "/deny%25252Fsecret",
        "/%252e%252e/deny/secret",
        "/deny/%00", "/deny%00/secret", "/deny%00", "/deny/secret%00.png", "/%00deny/secret", "/deny%0a/secret",
        "/deny%0d%0a/secret", "/deny%20/secret",
        "/deny%09/secret", "/%20deny/secret", "/%u0064eny/secret", "/deny%u002fsecret", "/deny%u2215secret",
        "/%u002e%u002e/deny/secret", "/deny%/secret", "/deny%2/secret",
        "/%6/deny", "/%GGdeny", "/deny%2F", "/%2Fdeny/secret", "/%2F%2Fdeny/secret", "%2Fdeny/secret", "/deny%3Fa",
        "/deny%23a", "/deny%3Ba/secret", "/deny%3B/secret",
    ]

    private static let dots = [
        "/./deny/secret", "/deny/./secret", "/x/../deny/secret", "/x/y/../../deny/secret", "/../deny/secret",
        "/../../../deny/secret", "/deny/../deny/secret",
        "/deny/x/../secret", "/deny/..", "/deny/.", "/allow/../deny/", "/%2e/deny/secret", "/%2E/deny/secret",
        "/x/%2e%2e/deny/secret", "/x/%2E%2E/deny/secret",
        "/x/.%2e/deny/secret", "/x/%2e./deny/secret", "/x/..%2Fdeny/secret", "/x%2F../deny/secret",
        "/x%2F..%2Fdeny/secret", "/x/..\\deny/secret", "/x\\..\\deny\\secret",
        "/x/..%5Cdeny/secret", "/x/%2e%2e%2fdeny/secret", "/x/%252e%252e/deny/secret", "/x/..;/deny/secret",
        "/x/..;a=b/deny/secret", "/x/.;/../deny/secret", "/x/%2e%2e;/deny/secret",
        "/x/.../deny/secret", "/.../deny", "/....//deny/secret", "/deny./secret", "/deny../secret", "/deny.../secret",
        "/.deny/secret", "/deny/secret.", "/deny/.%00/secret",
        "/x/.\t./deny/secret", "/x/.%0a./deny/secret", "/v1/x/../admin/users", "/v1/./admin/users",
        "/v2/../v1/admin/users", "/v1/admin/../admin/users",
    ]

    private static let slashes = [
        "//deny/secret", "///deny/secret", "/deny//secret", "/deny///secret", "/v1//admin/users", "//v1//admin//users",
        "/x//../deny/secret", "/x/..//deny/secret", "/deny/", "/deny//", "/deny",
        "\\deny\\secret", "/\\deny/secret", "/deny\\secret", "//api.test/deny/secret", "/.//deny/secret",
        "/%2e//deny/secret", "//../deny/secret", "/;/deny/secret", "/;a/deny/secret",
    ]

    private static let cuts = [
        "/deny;x=y/secret", "/deny;/secret", ";/deny/secret", "/deny;jsessionid=1/secret", "/deny/secret;x",
        "/deny,x/secret", "/deny:/secret", "/deny::$DATA/secret", "/deny~1/secret", "/deny?/secret", "/deny/?x",
        "/x?/../deny/secret", "/x#/../deny/secret", "/deny#/secret", "/deny/secret#x", "/x?a=/deny/secret",
        "/deny&x/secret", "/deny=x/secret", "/deny+/secret", "/deny*/secret", "/deny!/secret", "/deny'/secret",
        "/deny(/secret",
        "/deny\t/secret", "/deny /secret", "/deny%A0/secret", "/deny\u{A0}/secret", "/deny\0/secret",
        "/deny\u{B}/secret", "/deny\u{7F}/secret",
    ]

    /// Overlong, cut and other forms of UTF-8; letters that fold, map or compose to plain ones.
    private static let text = [
        "/deny%C0%AFsecret", "/deny%c0%afsecret", "/%C0%AE%C0%AE/deny/secret", "/x/%c0%ae%c0%ae/deny/secret",
        "/deny%E0%80%AFsecret", "/deny%F0%80%80%AFsecret", "/%C1%A4eny/secret", "/deny%C0%80/secret",
        "/deny%ED%A0%80/secret", "/deny%FF/secret", "/deny%C3/secret", "/deny%80/secret",
        "/deny%EF%BC%8Fsecret", "/x/%EF%BC%8E%EF%BC%8E/deny/secret", "/%EF%BD%84eny/secret", "/deny%EF%BC%BCsecret",
        "/deny%E2%88%95secret", "/deny%E2%81%84secret", "/deny%E2%88%96secret", "/deny%CC%B8/secret",
        "/den%C3%BD/secret", "/deny%CC%81/secret", "/%E1%BA%8Dx/../deny/secret",
        "/deny%E2%80%8B/secret", "/deny%C2%AD/secret", "/%EF%BB%BFdeny/secret", "/%E2%80%AEdeny/secret",
        "/den%D1%83/secret", "/%F0%9D%92%85eny/secret", "/x/%E2%80%A4%E2%80%A4/deny/secret", "/x/%E2%80%A5/deny/secret",
        "/x/%EF%B8%B0/deny/secret", "/%E2%93%93eny/secret", Draft.utf8("/dený/secret"), Draft.utf8("/ｄeny/secret"),
        Draft.utf8("/deny／secret"), "/deny\u{C0}\u{AF}secret",
    ]

    private static let forms = [
        "/DENY/secret", "/Deny/secret", "/V1/ADMIN/users", "/v1/Admin/users", "/http://api.test/deny/secret",
        "http://api.test/deny/secret", "http://user@api.test/deny/secret", "http:/deny/secret", "http:///deny/secret",
        "deny/secret", "./deny/secret", "../deny/secret", "?/deny/secret", "*", "/*/secret",
        "//user@api.test/deny/secret", "/deny/secret?a=b", "/deny?a=/../x", "/[deny]/secret", "/{deny}/secret",
        "/deny|x", "/\"deny\"/secret", "/<deny>", "/^deny", "/`deny`",
    ]
}
