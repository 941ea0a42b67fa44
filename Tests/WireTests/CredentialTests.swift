import Calls
import JSON
import Testing
import Wire

struct CredentialTests {
    private static let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/iam/aws4_request"
    private static let aws = scope + ", SignedHeaders=host;x-amz-date, Signature=abc"

    /// `{"alg":"none"}` and so on, without padding.
    private static func base64URL(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let bytes = Array(text.utf8)
        var result = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...group.count { result.append(alphabet[bits >> (18 - 6 * index) & 63]) }
        }
        return result
    }

    private static func token(_ payload: String, header: String = "{\"alg\":\"RS256\"}") -> String {
        "Bearer \(base64URL(header)).\(base64URL(payload)).c2ln"
    }

    private func read(_ fields: Fields, _ query: [Parameter] = []) -> Credential { .read(fields, query: query) }

    private func isOpaque(_ credential: Credential) -> Bool { if case .opaque = credential { true } else { false } }

    @Test("an AWS signature names key, day, region, service and time")
    func signature() throws {
        guard case .aws(let aws) = read(["Authorization": Self.aws, "X-Amz-Date": "20261121T030405Z"]) else {
            Issue.record("no AWS credential")
            return
        }
        #expect(aws.keyID == "AKIDEXAMPLE" && aws.date == "20261121")
        #expect(aws.region == "us-east-1" && aws.service == "iam" && aws.signed == 1_795_230_245)
        let session: Fields = [
            "Authorization": Self.aws, "X-Amz-Security-Token": "t", "X-Amz-Date": "20261121T030405Z",
        ]
        #expect(read(session) == .aws(aws))
    }

    @Test("a presigned query is an AWS credential too")
    func presigned() {
        let query = [
            Parameter("X-Amz-Credential", "AKID/20261121/eu-west-1/s3/aws4_request"),
            Parameter("X-Amz-Date", "20260228T235959Z"),
        ]
        guard case .aws(let aws) = read([:], query) else {
            Issue.record("no AWS credential")
            return
        }
        #expect(aws.keyID == "AKID" && aws.service == "s3" && aws.signed == 1_772_323_199)
        #expect(isOpaque(read([:], query + query)))
        #expect(isOpaque(read(["Authorization": Self.aws], query)))
    }

    @Test(
        "what is not a whole AWS credential is opaque",
        arguments: [
            "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Signature=a", "AWS4-HMAC-SHA256 Credential=A/B/C",
            "AWS4-HMAC-SHA256 Credential=A/20261121/r/s/other", "AWS4-HMAC-SHA256 Credential=A//r/s/aws4_request",
            "AWS4-HMAC-SHA256 Credential=A/1/r/s/aws4_request, Credential=B/1/r/s/aws4_request",
            "AWS4-HMAC-SHA256 Credential=A/1/r/s/t/aws4_request", "aws4-hmac-sha256 Credential=A/1/r/s/aws4_request",
            "AWS4-HMAC-SHA256 Credential=A\"/1/r/s/aws4_request",
        ])
    func malformed(_ value: String) {
        #expect(isOpaque(read(["Authorization": value])))
        #expect(!isOpaque(read(["Authorization": Self.scope])))
    }

    @Test("a JSON Web Token is its issuer, subject and audience")
    func webToken() {
        #expect(
            read(["Authorization": Self.token(#"{"iss":"i","sub":"s","aud":"a","exp":12}"#)])
                == .token(issuer: "i", subject: "s", audience: "a", expires: 12))
        #expect(
            read(["authorization": Self.token(#"{"sub":"s","iss":"i","aud":["a","b"]}"#)])
                == .token(issuer: "i", subject: "s", audience: "a b", expires: nil))
        #expect(
            read(["Authorization": Self.token(#"{"iss":"i","sub":"s","exp":1e9}"#)])
                == .token(issuer: "i", subject: "s", audience: "", expires: nil))
    }

    @Test(
        "what is not a whole token is opaque",
        arguments: [
            token(#"{"iss":"i"}"#), token(#"{"sub":"s"}"#), token(#"{"iss":"i","sub":1}"#), token("[]"), token("{"),
            token(#"{"iss":"i","sub":"s","sub":"t"}"#), token(#"{"iss":"i","sub":"s","aud":1}"#),
            token(#"{"iss":"i","sub":"s"}"#, header: "{}"), token(#"{"iss":"i","sub":"s"}"#) + "=",
            token(#"{"iss":"i","sub":"s"}"#) + ".x", token(#"{"iss":"i","sub":"s"}"#) + " x", "Bearer a.b.c",
            "Bearer sk_live_1", "Basic YTpi", "", "Bearer ..", "Bearer  x.y.z",
        ])
    func opaqueTokens(_ value: String) { #expect(isOpaque(read(["Authorization": value]))) }

    @Test("no credential is none, several are one over all of them, in any order")
    func combined() {
        #expect(read(["Accept": "*/*"]) == .none)
        let one = read(["Authorization": "Bearer a", "Cookie": "b"])
        #expect(isOpaque(one) && one == read(["cookie": "b", "AUTHORIZATION": "Bearer a"]))
        #expect(one != read(["Authorization": "Bearer a", "Cookie": "c"]))
        #expect(one != read(["Authorization": "Bearer a"]))
        #expect(read(["X-Api-Key": "ab", "Cookie": "c"]) != read(["X-Api-Key": "a", "Cookie": "bc"]))
        #expect(isOpaque(read(["Authorization": Self.aws, "X-Api-Key": "k"])))
        #expect(isOpaque(read(["X-Amz-Security-Token": "t"])))
    }
}

@Suite struct CredentialStalenessTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func token(expiring seconds: Int64?) -> Credential {
        .token(issuer: "i", subject: "s", audience: "a", expires: seconds)
    }

    @Test("a token is used until it says that it is over")
    func tokens() {
        #expect(!token(expiring: 1_800_000_001).isStale(at: now))
        #expect(token(expiring: 1_800_000_000).isStale(at: now))
        #expect(!token(expiring: nil).isStale(at: now))
    }

    @Test("what says nothing of its age does not grow old", arguments: [Credential.none, .opaque([1, 2])])
    func silent(credential: Credential) { #expect(!credential.isStale(at: now)) }

    @Test(
        "a signature lives five minutes",
        arguments: [("20270115T075500Z", false), ("20270115T075459Z", true), (nil, true)] as [(String?, Bool)])
    func signatures(date: String?, isStale: Bool) throws {
        var fields: Fields = [
            "Authorization":
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270115/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        ]
        if let date { fields.append("X-Amz-Date", date) }
        // 1,800,000,000 is 2027-01-15T08:00:00Z.
        #expect(Credential.read(fields, query: []).isStale(at: now) == isStale)
    }
}
