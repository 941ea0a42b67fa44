import Calls
import JSON
import Testing
import Wire

struct CallReaderTests {
    private func call(
        _ method: Text, _ url: Text, _ fields: [(String, String)] = [], _ body: String? = nil
    ) throws(WireError) -> Call {
        let head = try RequestHead.spelled(
            method: method, url: url, fields: fields.map { (name: $0.0, value: $0.1) }, bodyLength: body?.utf8.count)
        return try CallReader.read(
            id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
            body: body.map { .bytes(bytes($0)) } ?? .none,
            principal: { credential in
                switch credential {
                case .none: .none
                case .aws(let aws): .aws(key: aws.keyID)
                case .token(let issuer, let subject, let audience, _):
                    .token(issuer: issuer, subject: subject, audience: audience)
                case .opaque(let bytes): .opaque("\(bytes.count)")
                }
            })
    }

    private func code(
        _ method: Text, _ url: Text, _ fields: [(String, String)] = [], _ body: String? = nil
    ) -> String? {
        do throws(WireError) {
            _ = try call(method, url, fields, body)
            return nil
        } catch { return error.code }
    }

    private let url: Text = "https://api.test/v1/x"
    private let form = ("Content-Type", "application/x-www-form-urlencoded")

    @Test("a call that was judged keeps nothing that only judging needed, and a plain one is itself")
    func judged() throws {
        let plain = try call("GET", "https://api.test/v1/x")
        #expect(plain.judged == plain)
        let parts = crlf("--b", "Content-Disposition: form-data; name=a", "", "x", "--b--")
        for (type, body) in [
            ("application/json", "{\"a\":1}"), ("application/x-www-form-urlencoded", "a=1"), ("text/plain", "a"),
            ("multipart/form-data; boundary=b", parts), ("application/json", "{\"query\":\"{a}\"}"),
        ] {
            let call = try call("POST", "https://api.test/v1/x", [("Content-Type", type)], body)
            guard case .opaque = call.judged.document, case .bytes(let kept) = call.judged.body else {
                Issue.record("\(type)")
                continue
            }
            #expect(
                call.judged.operations.isEmpty && kept == bytes(body) && call.judged.fields.lines == call.fields.lines)
        }
    }

    @Test("a call has what goes upstream, and nothing of the connection")
    func reading() throws {
        let call = try call(
            "POST", "https://API.test:443/v1//x?a=b",
            [
                ("Connection", "keep-alive, TE"), ("Keep-Alive", "5"), ("TE", "trailers"), ("Proxy-Authorization", "x"),
                ("Proxy-Connection", "keep-alive"), ("Tiergate-Hold", "h_1"), ("Expect", "100-continue"),
                ("Accept", "*/*"), ("X-Trace", "1"), ("x-trace", "2"), ("Authorization", "Bearer k"),
                ("X-HTTP-Method-Override", " post"), ("Content-Type", "application/json"),
            ], "{\"amount\":1}")
        #expect(
            call.fields.lines == [
                "Accept: */*", "X-Trace: 1", "x-trace: 2", "Authorization: Bearer k", "Content-Type: application/json",
            ])
        #expect(call.method == "POST" && call.target.description == "https://api.test/v1/x?a=b")
        #expect(call.operations == [.http])
        guard case .json(let json) = call.document, case .opaque = call.principal else {
            Issue.record("neither document nor principal")
            return
        }
        #expect(json.root["amount"]?.integer == 1)
    }

    @Test("a call written upstream and read there is the same call")
    func roundTrip() throws {
        let first = try call(
            "PUT", "https://api.test/a%20b/%C3%A9?x=1&y", [form, ("X-Empty", ""), ("Accept", "é")], "p=1&q=%26")
        var output: [UInt8] = []
        HTTPWriter.request(first, framing: .length(9), into: &output)
        let head = try #require(try RequestHead.parse(output.span)).head
        let second = try CallReader.read(
            id: first.id, session: first.session, scheme: .https, tunnel: first.target.authority, head: head,
            body: first.body, principal: { _ in .none })
        #expect(
            second.target.description == first.target.description && second.target.segments == first.target.segments)
        #expect(second.fields.lines == first.fields.lines && second.method == first.method)
        guard case .form(let form) = second.document else {
            Issue.record("no form")
            return
        }
        #expect(form == [Parameter("p", "1"), Parameter("q", "&")])
    }

    @Test(
        "a method is what the start line says, in capitals",
        arguments: [
            ("delete", "malformed_method"), ("Post", "malformed_method"), ("gEt", "malformed_method"),
            ("CONNECT", "unexpected_connect"), ("connect", "malformed_method"), ("G T", "malformed_start_line"),
            ("G\nT", "malformed_method"), ("", "malformed_method"), ("GET", nil), ("M-SEARCH", nil), ("frob", nil),
            ("PURGE", nil),
        ] as [(Text, String?)])
    func methods(_ method: Text, _ expected: String?) { #expect(code(method, url) == expected) }

    @Test("an override that names another method is refused, wherever it stands and however it is spelled")
    func overrides() {
        for name in ["X-HTTP-Method-Override", "x-method-override", "X-Http-Method"] {
            for value in ["DELETE", "  dElEtE ", "DEL ETE", "\"POST\"", "", "POST, DELETE"] {
                #expect(code("POST", url, [(name, value)]) == "method_override", "\(name): \(value)")
            }
            #expect(code("POST", url, [(name, " post\t")]) == nil)
            let disguised = String(name.map { $0 == "-" ? "_" : $0 })
            #expect(code("POST", url, [(disguised, "POST")]) == "disguised_field")
        }
        #expect(code("POST", Text(url.string + "?_method=DELETE")) == "method_override")
        #expect(code("POST", Text(url.string + "?%5Fmethod=delete")) == "method_override")
        #expect(code("POST", Text(url.string + "?_method=post")) == nil)
        #expect(code("POST", Text(url.string + "?_method=POST&_method=DELETE")) == "method_override")
        #expect(code("POST", url, [form], "a=b&_method=PUT") == "method_override")
        #expect(code("POST", url, [form], "a=b&_method=POST") == nil)
        #expect(code("POST", url, [("Content-Type", "application/json")], "{\"_method\":\"PUT\"}") == "method_override")
        #expect(code("POST", url, [("Content-Type", "application/json")], "{\"a\":{\"_method\":\"PUT\"}}") == nil)
        #expect(code("GET", url, [("X-Original-URL", "/admin")]) == "path_override")
        #expect(code("GET", url, [("X_Rewrite_Url", "/admin")]) == "disguised_field")
        #expect(code("GET", url, [("X-Forwarded-For", "::1"), ("X_Custom", "1")]) == nil)
    }

    @Test("where an override is honoured, the call is the overriding method's")
    func honouredOverride() throws {
        let google: Text = "https://www.googleapis.com/drive/v3/files/1"
        let call = try call("POST", google, [("X-HTTP-Method-Override", " delete"), ("Accept", "*/*")])
        #expect(call.method == "DELETE" && call.fields.lines == ["Accept: */*"])
        #expect(code("POST", google, [("X-HTTP-Method-Override", "GET")]) == "method_override")
        #expect(code("GET", google, [("X-HTTP-Method-Override", "DELETE")]) == "method_override")
        let twice = [("X-HTTP-Method-Override", "DELETE"), ("x-http-method-override", "PATCH")]
        #expect(code("POST", google, twice) == "method_override")
        #expect(
            code("POST", "https://googleapis.com.test/", [("X-HTTP-Method-Override", "DELETE")]) == "method_override")
    }

    @Test(
        "a field that may be there once is not there twice",
        arguments: [
            "Authorization", "content-type", "Content-Encoding", "X-Amz-Target", "Idempotency-Key", "X-Api-Key",
            "Range",
            "Mcp-Session-Id",
        ])
    func duplicates(_ name: String) {
        #expect(code("GET", url, [(name, "gzip"), (name.lowercased(), "gzip")]) == "duplicate_field")
        #expect(code("GET", url, [(name, name.lowercased() == "content-type" ? "a/b" : "gzip")]) == nil)
    }

    @Test("Connection names nothing that belongs to the call")
    func connection() {
        #expect(code("GET", url, [("Connection", "authorization"), ("Authorization", "x")]) == "malformed_connection")
        #expect(code("GET", url, [("Connection", "X-Audit"), ("x-audit", "1")]) == "malformed_connection")
        #expect(code("GET", url, [("Connection", "close, Host")]) == "malformed_connection")
        #expect(code("POST", url, [("Connection", "content-length")], "x") == "malformed_connection")
        #expect(code("GET", url, [("Connection", "close, x-audit")]) == nil)
    }

    @Test("what could not have come over a connection is refused in words too")
    func spelled() {
        #expect(code("GET", "https://api.test/a\tb") == "malformed_target")
        #expect(code("GET", "https://api.test/a b") == "malformed_start_line")
        #expect(code("GET", "https://api.test/a\r\nX: y") == "malformed_target")
        #expect(code("GET", "https://ａｐｉ.test/") != nil)
        #expect(code("GET", url, [("X", "a\r\nHost: b")]) == "malformed_field_value")
        #expect(code("GET", url, [("X\r\nY", "a")]) == "malformed_field_name")
        #expect(code("GET", url, [("X: y", "a")]) == nil)
        #expect(code("GET", url, [("", "a")]) == "malformed_field_name")
        #expect(code("GET", url, [("Host", "docs.test")]) == "misdirected")
        #expect(code("GET", url, [("host", "api.test")]) == nil)
        #expect(code("GET", "/v1/x", [("host", "api.test")]) == "unexpected_target_form")
        #expect(code("CONNECT", "api.test:443") == "unexpected_connect")
    }

    @Test("a signed path is taken only in its normal form")
    func signed() {
        let raw: Text = "https://api.test/a//b"
        #expect(code("GET", raw) == nil)
        for value in [
            "AWS4-HMAC-SHA256 x", "AWS k:s", "GOOG4-RSA-SHA256 x", "SharedKey a:b", "OAuth a=b", "Digest a=b",
        ] {
            #expect(code("GET", raw, [("Authorization", value)]) == "signed_path", "\(value)")
        }
        #expect(code("GET", raw, [("Signature-Input", "sig=()"), ("Signature", "x")]) == "signed_path")
        #expect(code("GET", Text(raw.string + "?a&X-Amz-Signature=1")) == "signed_path")
        #expect(code("GET", Text(raw.string + "?X-Goog-Signature=1")) == "signed_path")
        #expect(code("GET", raw, [("Authorization", "Bearer AWS4-")]) == nil)
        #expect(code("GET", "https://b.s3.amazonaws.com/a//b", [("Authorization", "AWS4-HMAC-SHA256 x")]) == nil)
    }

    @Test("a body that was not read whole is opaque")
    func unread() throws {
        let head = try RequestHead.spelled(method: "POST", url: url, fields: [], bodyLength: 5)
        let call = try CallReader.read(
            id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
            body: .streamed(length: 5),
            principal: { _ in .none })
        guard case .opaque(let reason) = call.document else {
            Issue.record("not opaque")
            return
        }
        #expect(reason == "a body over the inspection limit")
    }

    // MARK: AWS

    @Test(
        "an AWS call is its operation, in any protocol",
        arguments: [
            ("https://ec2.us-east-1.amazonaws.com/", "Action=RunInstances&Version=1", "ec2 RunInstances"),
            ("https://iam.amazonaws.com/", "Action=CreateAccessKey", "iam CreateAccessKey"),
            ("https://email.us-east-1.amazonaws.com/", "Action=SendEmail", "ses SendEmail"),
            ("https://queue.amazonaws.com/", "Action=SendMessage", "sqs SendMessage"),
            ("https://sts.us-east-1.amazonaws.com/?Action=AssumeRole", "", "sts AssumeRole"),
            ("https://ec2.us-east-1.api.aws/", "Action=X", "ec2 X"),
            ("https://ec2.cn-north-1.amazonaws.com.cn/", "Action=X", "ec2 X"),
            ("https://vpce-1-a.ec2.us-east-1.vpce.amazonaws.com/", "Action=X", "ec2 X"),
            ("https://kms-fips.us-gov-west-1.amazonaws.com/", "Action=X", "kms X"),
            ("https://ec2.us-east-1.amazonaws.com/", "action=X", "http"), ("https://api.test/", "Action=X", "http"),
            ("https://amazonaws.com/", "Action=X", "http"), ("https://evilamazonaws.com/", "Action=X", "http"),
            ("https://b.s3.amazonaws.com/k?Action=X", "", "http"), ("https://ec2.us-east-1.amazonaws.com/", "", "http"),
        ] as [(Text, String, String)])
    func queryProtocol(_ url: Text, _ body: String, _ expected: String) throws {
        let call = try call("POST", url, [form], body)
        #expect(call.operations.map(describe) == [expected])
    }

    @Test("the JSON and CBOR protocols name the operation in field and path")
    func targetField() throws {
        let url: Text = "https://dynamodb.us-east-1.amazonaws.com/"
        let json = ("Content-Type", "application/x-amz-json-1.0")
        let call1 = try call("POST", url, [json, ("X-Amz-Target", "DynamoDB_20120810.DeleteTable")], "{}")
        #expect(call1.operations.map(describe) == ["dynamodb DeleteTable"])
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StopLogging"
        let call2 = try call(
            "POST", "https://cloudtrail.us-east-1.amazonaws.com/", [json, ("x-amz-target", target)], "{}")
        #expect(call2.operations.map(describe) == ["cloudtrail StopLogging"])
        let call3 = try call(
            "POST",
            "https://monitoring.us-east-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/DeleteAlarms",
            [("smithy-protocol", "rpc-v2-cbor")])
        #expect(call3.operations.map(describe) == ["monitoring DeleteAlarms"])
        #expect(code("POST", url, [json, ("X-Amz-Target", "DynamoDB.")], "{}") == "ambiguous_operation")
        #expect(code("POST", url, [json, ("X-Amz-Target", "")], "{}") == "ambiguous_operation")
    }

    @Test("elsewhere the credential scope says the service")
    func scope() throws {
        func fields(_ service: String) -> [(String, String)] {
            [
                form,
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/\(service)/aws4_request, Signature=x"
                ),
            ]
        }
        let local: Text = "http://127.0.0.1:5000/"
        #expect(
            try call("POST", local, fields("iam"), "Action=CreateUser").operations.map(describe) == ["iam CreateUser"])
        #expect(try call("POST", local, fields("s3"), "Action=CreateUser").operations == [.http])
        #expect(try call("POST", local, fields("iam"), "Action=X").principal == .aws(key: "AKID"))
        // Amazon's own host cannot be belied.
        let call = try call("POST", "https://iam.amazonaws.com/", fields("s3"), "Action=CreateUser")
        #expect(call.operations.map(describe) == ["iam CreateUser"])
    }

    @Test("an operation that is named twice is refused")
    func twice() {
        let url: Text = "https://ec2.us-east-1.amazonaws.com/"
        #expect(code("POST", url, [form], "Action=A&Action=B") == "ambiguous_operation")
        #expect(code("POST", url, [form], "Action=A&Action=A") == "ambiguous_operation")
        #expect(code("POST", Text(url.string + "?Action=A"), [form], "Action=B") == "ambiguous_operation")
        #expect(code("POST", url, [form, ("X-Amz-Target", "A.B")], "Action=B") == "ambiguous_operation")
        #expect(code("POST", url, [form], "Action=A") == nil)
        #expect(code("POST", "https://api.test/", [form], "Action=A&Action=B") == nil)
    }

    private func describe(_ operation: Calls.Operation) -> String {
        switch operation {
        case .http: "http"
        case .aws(let service, let action): "\(service) \(action)"
        default: "\(operation)"
        }
    }

    @Test("any call that is taken is the same call when it is read from what goes upstream", arguments: 0..<4)
    func identity(_ seed: UInt64) throws {
        var dice = Dice(seed)
        let hosts = [
            "a.test", "iam.amazonaws.com", "b.s3.amazonaws.com", "gitlab.com", "[::1]:1", "www.googleapis.com",
        ]
        let paths = [
            "/", "//", "..", "%2e", "a", "%C3%A9", "%2F", "%20", "%25", "?", "&", "=", "Action=", "_method=", "+",
        ]
        let names = [
            "Authorization", "Connection", "X-Amz-Target", "X-HTTP-Method-Override", "Cookie", "X-A", "Tiergate-A",
        ]
        let values = [
            "AWS4-HMAC-SHA256 Credential=", "A/1/r/s/aws4_request", "X.Y", "DELETE", "close", "é", " ", "\t", ",",
        ]
        var taken = 0
        for _ in 0..<2_000 {
            func some(_ pieces: [String], _ limit: Int) -> String {
                (0..<Int.random(in: 0...limit, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
                    .joined()
            }
            let url = Text("https://" + some(hosts, 1) + "/" + some(paths, 4))
            let fields = (0..<Int.random(in: 0...3, using: &dice)).map { _ in
                (names.randomElement(using: &dice) ?? "", some(values, 3))
            }
            guard let first = try? call("POST", url, fields) else { continue }
            taken += 1
            var output: [UInt8] = []
            HTTPWriter.request(first, framing: .none, into: &output)
            let head = try #require(try RequestHead.parse(output.span)).head
            let second = try CallReader.read(
                id: first.id, session: first.session, scheme: .https, tunnel: first.target.authority, head: head,
                body: .none, principal: { _ in .none })
            #expect(second.target.description == first.target.description)
            #expect(second.target.segments == first.target.segments && second.target.query == first.target.query)
            #expect(second.method == first.method && second.operations == first.operations)
            #expect(second.fields.lines == first.fields.lines)
        }
        #expect(taken > 100)
    }

    @Test("no noise in any part of a call crashes the reader", arguments: 0..<6)
    func noise(_ seed: UInt64) {
        var dice = Dice(seed)
        let names = [
            "Authorization", "Content-Type", "Connection", "Host", "X-Amz-Target", "X-HTTP-Method", "Cookie", "a_b",
        ]
        let pieces = [
            "AWS4-HMAC-SHA256 ", "Credential=", "/", "Bearer ", ".", "e30", "application/json", "; charset=", "\"", ",",
            "é", "%2",
            "%25", "Action=", "&", "{", "}", "[", "_method", "=", "amazonaws.com", "s3.", ":443", "\u{0}", "+", "\\",
        ]
        func some(_ range: ClosedRange<Int>) -> String {
            (0..<Int.random(in: range, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
        }
        for _ in 0..<3_000 {
            let fields = (0..<Int.random(in: 0...4, using: &dice)).map { _ in
                (names.randomElement(using: &dice) ?? "", some(0...6))
            }
            _ = code(
                "POST", Text("https://" + some(0...3) + "/" + some(0...4) + "?" + some(0...4)), fields, some(0...8))
        }
    }
}
