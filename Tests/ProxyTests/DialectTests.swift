import Calls
import Holds
import JSON
import Testing
import Wire

@testable import Proxy

/// A refusal in the words of the API that was called.
@Suite struct DialectTests {
    private static let json: Fields = ["Content-Type": "application/json"]
    private static let form: Fields = ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"]
    private static let signed: Fields = [
        "Authorization":
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/us-east-1/s3/aws4_request, "
            + "SignedHeaders=host, Signature=00"
    ]

    @Test(
        "the host, the media type and the path say which API it is",
        arguments: [
            ("api.stripe.com", "/v1/refunds", form, .problem), ("api.github.com", "/repos/a/b/issues", json, .problem),
            ("iam.amazonaws.com", "/", form, .aws(.query)), ("ec2.eu-west-1.amazonaws.com", "/", form, .aws(.query)),
            ("s3.amazonaws.com", "/b/k", [:], .aws(.s3)),
            ("bucket.s3.eu-west-1.amazonaws.com", "/k", [:], .aws(.s3)),
            ("minio.internal", "/b/k", signed, .aws(.s3)),
            ("route53.amazonaws.com", "/2013-04-01/hostedzone", ["Content-Type": "text/xml"], .aws(.query)),
            (
                "dynamodb.us-east-1.amazonaws.com", "/", ["Content-Type": "application/x-amz-json-1.0"],
                .aws(.json(version: "application/x-amz-json-1.0"))
            ),
            (
                "kms.us-east-1.amazonaws.com", "/", ["Content-Type": "application/x-amz-json-1.1"],
                .aws(.json(version: "application/x-amz-json-1.1"))
            ),
            (
                "lambda.us-east-1.amazonaws.com", "/2015-03-31/functions/f", [:],
                .aws(.json(version: "application/json"))
            ),
            (
                "monitoring.us-east-1.amazonaws.com", "/service/GraniteServiceVersion20100801/operation/DeleteAlarms",
                ["Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"], .aws(.cbor)
            ),
            ("gmail.googleapis.com", "/gmail/v1/users/me/messages/send", json, .google),
            ("slack.com", "/api/chat.postMessage", form, .slack),
            ("10.0.0.1", "/apis/apps/v1/namespaces/d/deployments/x", json, .kubernetes),
            ("cluster.test", "/api/v1/namespaces/d/pods/x", json, .kubernetes),
            ("api.datadoghq.com", "/api/v1/monitor", json, .problem),
            ("github.com", "/a/b.git/info/refs?service=git-receive-pack", [:], .plainText), ("", "", [:], .problem),
        ] as [(String, String, Fields, Refusal.Dialect)])
    func chosen(host: String, path: String, fields: Fields, dialect: Refusal.Dialect) {
        #expect(Refusal.Dialect(host: Text(host), path: Text(path), fields: fields, spoken: nil) == dialect)
    }

    @Test(
        "a request in absolute form says its host itself",
        arguments: [
            ("GET http://slack.com/api/x", Refusal.Dialect.slack), ("GET http://slack.com.test/api/x", .problem),
        ])
    func absolute(line: String, dialect: Refusal.Dialect) throws {
        let head = try #require(try RequestHead.parse(Array("\(line) HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span)).head
        #expect(Refusal.Dialect(head, tunnel: nil, spoken: nil) == dialect)
        #expect(Refusal.Dialect(head, tunnel: "other.test", spoken: nil) == .problem)
    }

    private func held() throws -> Refusal { Refusal(.held(try sampleHold(), attempt: 1)) }

    private func body(_ dialect: Refusal.Dialect) throws -> JSONNode {
        try JSONDocument.parse(try held().body(dialect)).root
    }

    @Test("AWS's SDKs find code and text where each protocol has them, and a code that they do not repeat")
    func aws() throws {
        let refusal = try held()
        for (form, beginning) in [
            (.query, "<ErrorResponse><Error><Type>Sender</Type><Code>HeldForApproval</Code>"),
            (.s3, "<Error><Code>HeldForApproval</Code>"),
        ] as [(Refusal.Dialect.AWSForm, String)] {
            #expect(String(decoding: refusal.body(.aws(form)), as: UTF8.self).contains(beginning))
            #expect(refusal.fields(.aws(form)).text("x-amz-retry-after") == "5000")
        }
        let dialect = Refusal.Dialect.aws(.json(version: "application/x-amz-json-1.0"))
        #expect(refusal.fields(dialect).text("x-amzn-errortype") == "HeldForApproval")
        #expect(refusal.fields(dialect).text("content-type") == "application/x-amz-json-1.0")
        let body = try body(dialect)
        #expect(body["__type"]?.text == "HeldForApproval" && body["message"]?.text?.string == refusal.detail)
        #expect(body["code"] == nil && body["status"] == nil)
        let binary = refusal.body(.aws(.cbor))
        #expect(binary.starts(with: [0xA2, 0x66] + Array("__type".utf8) + [0x6F] + Array("HeldForApproval".utf8)))
        let length = refusal.detail.utf8.count
        let head = [0x67] + Array("message".utf8) + [0x7A, 0, 0, UInt8(length >> 8), UInt8(length & 255)]
        #expect(binary.suffix(length + head.count) == (head + Array(refusal.detail.utf8))[...])
        #expect(refusal.fields(.aws(.cbor)).text("smithy-protocol") == "rpc-v2-cbor")
    }

    @Test("Google's, Slack's, the cluster's and GraphQL's clients find theirs") func others() throws {
        let detail = try held().detail
        let google = try body(.google)
        #expect(google["error"]?["code"]?.integer == 503 && google["error"]?["status"]?.text == "UNAVAILABLE")
        #expect(google["error"]?["message"]?.text?.string == detail)
        let slack = try body(.slack)
        #expect(slack["ok"]?.bool == false && slack["error"]?.text == "held_for_approval")
        let kubernetes = try body(.kubernetes)
        #expect(kubernetes["kind"]?.text == "Status" && kubernetes["status"]?.text == "Failure")
        #expect(kubernetes["message"]?.text?.string == detail && kubernetes["code"]?.integer == 503)
        let graphql = try body(.graphql(.response))
        let error = try #require(graphql["errors"]?[0])
        #expect(graphql.count == 1 && error["message"]?.text?.string == detail)
        #expect(error["extensions"]?["hold"]?.text == "h_000000000000")
        for dialect in [.google, .slack, .kubernetes, .graphql(.json)] as [Refusal.Dialect] {
            #expect(try held().status(dialect) == 503)
        }
    }

    private func question(_ text: String, _ fields: Fields = [:]) throws -> RPCQuestion? {
        RPCQuestion(try JSONDocument.parse(Array(text.utf8)).root, fields)
    }

    @Test("a tool's caller gets a result that says it is none; its client loses the text of everything else")
    func tool() throws {
        let call = #"{"jsonrpc":"2.0","id":"a\"b","method":"tools/call","params":{"name":"pay"}}"#
        let dialect = Refusal.Dialect.rpc(try #require(try question(call)))
        let refusal = try held()
        #expect(refusal.status(dialect) == 200 && refusal.fields(dialect).text("content-type") == "application/json")
        let body = try JSONDocument.parse(refusal.body(dialect)).root
        #expect(body["id"]?.text == "a\"b" && body["result"]?["isError"]?.bool == true)
        #expect(body["result"]?["content"]?[0]?["text"]?.text?.string == refusal.detail)
        #expect(body["result"]?["_meta"]?["tiergate/hold"]?.text == "h_000000000000")
        // Who it is, and what has no reading, is for proxies and for whoever runs the client.
        #expect(Refusal(.unproven(.noToken)).form(dialect) == .problem)
        #expect(refusal.form(dialect) == dialect)
    }

    @Test("other JSON-RPC gets an error with the status of any refused call, of a batch each message its own")
    func rpc() throws {
        let one = #"{"jsonrpc":"2.0","id":7,"method":"eth_sendRawTransaction","params":[]}"#
        let dialect = Refusal.Dialect.rpc(try #require(try question(one)))
        #expect(try held().status(dialect) == 503)
        let error = try JSONDocument.parse(try held().body(dialect)).root
        #expect(error["id"]?.integer == 7 && error["error"]?["code"]?.integer == 503)
        #expect(try error["error"]?["message"]?.text?.string == held().detail)
        let batch = try #require(try question("[\(one),\(one.replacing("7", with: "8"))]"))
        #expect(try JSONDocument.parse(try held().body(.rpc(batch))).root.count == 2)
        #expect(try question(#"{"jsonrpc":"2.0","method":"notifications/x"}"#) == nil)
        let ofMCP = try question(one, ["Accept": "application/json, text/event-stream"])
        #expect(ofMCP?.isMCP == true)
    }
}
