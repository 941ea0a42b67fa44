import Calls
import Crypto
import Holds
import JSON
import Rules
import Testing
import Wire

@testable import Proxy

@Suite("Calls as they are recorded: no secret, and the same call for every rule")
struct CallMaskTests {
    static let rules = """
        tiergate: 1
        pack: masks
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - {id: masks.all, tier: 4, match: {host: "**.test"}, summary: all}
          - id: masks.test-key
            tier: 1
            match: {host: "**.test"}
            let:
              keys: request.headers.?authorization.orValue([])
              key: "keys.size() == 1 ? keys[0] : ''"
            when: >-
              key.matches('^Bearer (sk|rk)_test_[A-Za-z0-9_]+$') ||
              key.matches('^Basic (c2tfdGVzdF|cmtfdGVzdF|cnpwX3Rlc3Rf)[A-Za-z0-9+/]*=*$')
            supersedes: [masks.all]
            reason: test keys
        """

    private let mask = CallMask(key: HMAC(key: Array("key".utf8)), bodyLimit: 4096)

    private func call(_ message: String) throws -> Call {
        let bytes = Array(message.replacing("\n", with: "\r\n").utf8)
        let (head, consumed) = try #require(try RequestHead.parse(bytes.span))
        let body = Array(bytes[consumed...])
        return try CallReader.read(
            id: CallID("c"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
            body: body.isEmpty ? .none : .bytes(body), principal: { Services.principal($0, HMAC(key: [1])) })
    }

    private func recorded(_ call: Call) -> RecordedCall {
        let (message, content) = mask.masked(call)
        return RecordedCall(
            time: Timestamp(milliseconds: 1_800_000_000_000), session: call.session, facts: .init(),
            judgement: .init(tier: .readOnly, disposition: .pass, rules: [], rulesDigest: ""), sameness: [],
            content: content, message: message)
    }

    private static func post(_ type: String, _ body: String, path: String = "/x", fields: String = "") -> String {
        "POST http://a.test\(path) HTTP/1.1\nHost: a.test\n\(fields)Content-Type: \(type)\n\n\(body)"
    }

    private static func get(_ target: String, _ fields: String = "", host: String = "a.test") -> String {
        "GET http://\(host)\(target) HTTP/1.1\nHost: \(host)\n\(fields)\n"
    }

    private static let pem = "-----BEGIN RSA PRIVATE KEY-----\\nMIIS3CR3T/x+y==\\n-----END RSA PRIVATE KEY-----"

    @Test(
        "a secret stands nowhere in what is recorded, and the call is read again",
        arguments: [
            get("/", "Authorization: Bearer S3CR3T-abcdefgh\n"),
            get("/", "Authorization: token ghp_S3CR3Tabcdefgh1234\n"),
            get("/", "Authorization: S3CR3Tabcdefgh\n"),
            get("/", "Authorization: Digest username=\"S3CR3T\", response=\"S3CR3T\"\n"),
            get("/", "Authorization: Basic UzNDUjNUOlMzQ1IzVFMzQ1IzVA==\n"),
            get("/", "Cookie: a=S3CR3T; b=\"S3CR3T\"\n"),
            get("/", "X-Api-Key: S3CR3T\nX-Other-Signature: S3CR3T\nMcp-Session-Id: S3CR3T\n"),
            get("/", "X-Note: a Bearer\nX-Forwarded-Access-Token: S3CR3T\n"),
            get("/", "Referer: http://b.test/?access_token=S3CR3T\n"),
            get("/?api_key=S3CR3T&sig=S3CR3T&a=1"), get("/?X-Amz-Signature=S3CR3T&X-Amz-Date=1"),
            get("/?next=http%3A%2F%2Fb.test%2F&password=S3CR3T%20S3CR3T"),
            get("/bot123456:S3CR3Tabcdefghijklmnopqrstuvwxyz/sendMessage"),
            get("/services/T0000000/B0000000/S3CR3T00abc", host: "hooks.slack.com"),
            get("/api/webhooks/1234567890/S3CR3Tabcdefghijkl"),
            get("/S3CR3Tabcdefgh/x", "Authorization: Bearer S3CR3Tabcdefgh\n"),
            post("application/json", #"{"a":{"client_secret":"S3CR3T","pin_token":[1,"S3CR3T",{"x":"S3CR3T"}]}}"#),
            post("application/json", #"{"text":"the password: S3CR3T","u":"postgres://me:S3CR3T@db/x"}"#),
            post("application/json", #"{"arguments":"{\"password\": \"S3CR3T\"}"}"#),
            post("application/json", #"{"k":"see sk_live_S3CR3Tabc1234567 there"}"#),
            post("application/json", #"{"k":"\#(pem)"}"#),
            post("application/json", #"{"copy":"S3CR3Tabcdefgh"}"#, fields: "X-Api-Key: S3CR3Tabcdefgh\n"),
            post("application/json", #"{"query":"mutation { login(password: \"S3CR3T\") { id } }"}"#, path: "/graphql"),
            post(
                "application/json",
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"token":"S3CR3T"}}}"#),
            post("application/x-www-form-urlencoded", "key=v&client_secret=S3CR3T&note=token%3DS3CR3T"),
            post("text/plain", "S3CR3T"), post("image/png", "S3CR3T"), post("application/octet-stream", "{\"S3CR3T\""),
            post("application/xml", "<a>S3CR3T</a>"), post("application/grpc", "\0\0\0\0\u{6}S3CR3T", path: "/a.B/C"),
            post("application/x-ndjson", "{\"index\":{\"_index\":\"a\"}}\n{\"password\":\"S3CR3T\"}\n", path: "/_bulk"),
            post(
                "multipart/form-data; boundary=x",
                "--x\nContent-Disposition: form-data; name=\"password\"\n\nS3CR3T\n--x\n"
                    + "Content-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\n\nS3CR3T\n--x--\n"),
            post(
                "multipart/mixed; boundary=x",
                "--x\nContent-Type: application/http\n\nPOST /a HTTP/1.1\nAuthorization: Bearer S3CR3T12\n"
                    + "Content-Type: application/json\n\n{\"password\":\"S3CR3T\"}\n--x--\n", path: "/batch"),
        ])
    func masked(message: String) throws {
        let call = try call(message)
        let recorded = recorded(call)
        let text = String(decoding: recorded.message, as: UTF8.self)
        #expect(!text.contains("S3CR3T"), "\(text)")
        #expect(!text.contains("UzNDUjN"), "\(text)")
        let again = try recorded.call()
        #expect(again.target.segments.count == call.target.segments.count && again.method == call.method)
        #expect(again.target.query.map(\.name) == call.target.query.map(\.name))
        #expect(again.fields.count == call.fields.count)
        if recorded.content == .kept { #expect(CallShape(again) == CallShape(call)) }
        // The same secret is the same in another recording: what repeats is seen to repeat.
        #expect(self.recorded(call) == recorded)
    }

    @Test(
        "what is no secret stays: rules look at it",
        arguments: [
            get("/repos/acme-org/some-repository-name-2024/issues?state=open&per_page=100", "Accept: text/html\n"),
            post("application/json", #"{"amount":12345,"max_tokens":100,"to":"ann@example.com","key":"PROJ-12"}"#),
            post("application/json", #"{"path":"/workspace/a.txt","sql":"DELETE FROM t WHERE a = 'b'"}"#),
            post("application/x-www-form-urlencoded", "charge=ch_3NabcdEFGH1234567&amount=2500&currency=usd"),
            get("/v1/x", "Idempotency-Key: payout-of-may\nX-Amz-Target: DynamoDB_20120810.PutItem\n"),
        ])
    func kept(message: String) throws {
        let call = try call(message)
        let recorded = recorded(call)
        let again = try recorded.call()
        #expect(again.target.spelling == call.target.spelling)
        for index in 0..<call.fields.count { #expect(again.fields.value(at: index) == call.fields.value(at: index)) }
        if case .bytes(let body) = call.body, case .bytes(let other) = again.body { #expect(body == other) }
    }

    @Test(
        "rules tell test keys from live ones as they did",
        arguments: [
            ("Bearer sk_test_abcDEF0123456789", 1), ("Bearer sk_live_abcDEF0123456789", 4),
            ("Bearer sk_test_abc, Bearer sk_live_abc", 4), ("Bearer sk_test_abc.def-0123456789", 4),
            // sk_test_abcdefgh:, sk_live_abcdefgh:, rzp_test_abcdefgh:secretsecret
            ("Basic c2tfdGVzdF9hYmNkZWZnaDo=", 1), ("Basic c2tfbGl2ZV9hYmNkZWZnaDo=", 4),
            ("Basic cnpwX3Rlc3RfYWJjZGVmZ2g6c2VjcmV0c2VjcmV0", 1), ("Bearer other", 4), ("sk_test_abcdefgh1234", 4),
        ])
    func testKeys(value: String, tier: Int) throws {
        let (set, diagnostics) = RuleSet.load(
            [RuleSource(path: "masks.yaml", bytes: Array(CallMaskTests.rules.utf8))], digest: "d",
            now: Timestamp(milliseconds: 0))
        let rules = try #require(set, "\(diagnostics.map(\.rendered))")
        let call = try call(CallMaskTests.get("/", "Authorization: \(value)\n"))
        #expect(rules.weigh(call, at: Timestamp(milliseconds: 0)) == tier)
        let recorded = recorded(call)
        #expect(
            recorded.weigh(try recorded.call(), by: rules) == tier,
            "\(String(decoding: recorded.message, as: UTF8.self))")
    }

    @Test("who signs for AWS stays, and what the call does there; the signature goes")
    func aws() throws {
        let scope = "Credential=AKIAEXAMPLE/20261121/us-east-1/ec2/aws4_request"
        let call = try call(
            CallMaskTests.post(
                "application/x-www-form-urlencoded", "Action=TerminateInstances&Version=1",
                fields: "Authorization: AWS4-HMAC-SHA256 \(scope), SignedHeaders=host, Signature=S3CR3T\n"
                    + "X-Amz-Security-Token: S3CR3T\n"))
        let recorded = recorded(call)
        #expect(!String(decoding: recorded.message, as: UTF8.self).contains("S3CR3T"))
        #expect(try recorded.call().operations == call.operations)
        #expect(call.operations == [.aws(service: "ec2", action: "TerminateInstances")])
    }

    @Test("a body is kept up to its limit", arguments: [(4096, true), (4097, false)])
    func limit(size: Int, isKept: Bool) throws {
        let text = String(repeating: "a", count: size - 8)
        let call = try call(CallMaskTests.post("application/json", #"{"a":"\#(text)"}"#))
        let recorded = recorded(call)
        #expect(recorded.content == (isKept ? .kept : .withheld(length: UInt64(size))))
        let document = try recorded.call().document
        if case .json = document { #expect(isKept) } else { #expect(!isKept) }
    }

    @Test("a question for a name is recorded as one")
    func name() throws {
        let question = Call(
            id: CallID("c"), session: SessionID("s"), method: "DNS",
            target: Target(
                scheme: .dns, authority: Authority(host: "a.test", port: 53), segments: ["TXT"], query: [],
                spelling: "/TXT"),
            fields: Fields(), body: .none, document: .none, operations: [.dns(name: "a.test", type: "TXT")],
            principal: .none)
        let again = try recorded(question).call()
        #expect(again.operations == question.operations && again.target.authority == question.target.authority)
        #expect(again.target.scheme == .dns && again.target.segments == ["TXT"] && again.method == "DNS")
    }
}
