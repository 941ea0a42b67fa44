import Testing

@testable import Wire

@Suite struct ProxyAuthorizationTests {
    @Test(
        "a name with a token, or a token alone",
        arguments: [
            ("Basic bWFpbGVyOnNlY3JldA==", "mailer", "secret"), ("basic bWFpbGVyOnNlY3JldA", "mailer", "secret"),
            ("Basic  bWFpbGVyOmE6Yg==", "mailer", "a:b"), ("Basic Oj8/Pw==", "", "???"),
            ("Bearer tgt_0123", nil, "tgt_0123"), ("BEARER x", nil, "x"),
        ] as [(String, String?, String)])
    func read(value: String, name: String?, token: String) throws {
        let proof = try #require(ProxyAuthorization(Array(value.utf8)[...]))
        #expect(proof.name == name)
        #expect(proof.token == Array(token.utf8))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "Basic", "Basic ", "Bearer", "Basic bWFpbGVy", "Basic b!==", "Basic bWFpbGVyOnNlY3JldA===",
            "Basic _w_-", "Digest username=\"a\"", "Negotiate abc", "Bearer a b", "Basic /zo=",
        ])
    func refused(value: String) { #expect(ProxyAuthorization(Array(value.utf8)[...]) == nil) }
}
