import JSON
import Testing

@testable import Calls

@Suite struct CallEditTests {
    private static func call(
        json: String? = nil, form: String? = nil, parameters: [Parameter] = [], fields: Fields = [:],
        query: [Parameter] = [], document: Document? = nil, body: Body? = nil
    ) throws -> Call {
        let parsed = try json.map { Document.json(try JSONDocument.parse(Array($0.utf8))) }
        return Call(
            id: CallID(random: (1, 1)), session: SessionID("s"), method: "POST",
            target: Target(
                scheme: .https, authority: Authority(host: "a.test", port: 443), segments: ["x"], query: query,
                spelling: "/x"),
            fields: fields, body: body ?? (json ?? form).map { .bytes(Array($0.utf8)) } ?? .none,
            document: document ?? parsed ?? (form == nil ? .none : .form(parameters)), operations: [.http],
            principal: .none)
    }

    private func text(_ call: Call) -> String? {
        guard case .bytes(let bytes) = call.body else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "a value is set by the path that screens show: text stays text, and the rest keeps its spelling",
        arguments: [
            (#"{ "amount": 2500, "n": 1.50 }"#, "amount", "1500", #"{ "amount": 1500, "n": 1.50 }"#),
            (#"{"code":"7"}"#, "code", "1500", #"{"code":"1500"}"#),
            (#"{"code":"7"}"#, "code", "a\"b", #"{"code":"a\"b"}"#),
            (#"{"items":[{"price":1}]}"#, "items[0].price", "2", #"{"items":[{"price":2}]}"#),
            (#"{"a.b":{"c d":true}}"#, #"["a.b"]["c d"]"#, "false", #"{"a.b":{"c d":false}}"#),
            (#"{"x":null}"#, "x", #"{"y":[1]}"#, #"{"x":{"y":[1]}}"#),
            (
                #"{"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"to":"a"}}}"#, "params.arguments.to",
                "b", #"{"jsonrpc":"2.0","method":"tools/call","params":{"arguments":{"to":"b"}}}"#
            ),
            (#"{"query":"…","variables":{"n":1}}"#, "variables.n", "2", #"{"query":"…","variables":{"n":2}}"#),
        ])
    func sets(before: String, path: String, value: String, after: String) throws {
        let call = try Self.call(json: before)
        #expect(text(try CallEdit(values: [(path, value)]).apply(to: call)) == after)
    }

    @Test(
        "a value that is not there, or is none, is refused",
        arguments: [("amout", "1"), ("amount", "many"), ("amount..x", "1"), ("[", "1"), ("amount.x", "1")])
    func wrong(path: String, value: String) throws {
        let call = try Self.call(json: #"{"amount":1}"#)
        #expect(throws: CallEditFailure.self) { _ = try CallEdit(values: [(path, value)]).apply(to: call) }
    }

    @Test(
        "a form keeps the spelling and the order of the fields that are not named",
        arguments: [
            ([FormEdit("amount", to: "15 00&")], "a=%7e&amount=15+00%26&x%5B%5D=1&x[]=2"),
            ([FormEdit("x[]", place: 1, to: "é")], "a=%7e&amount=2500&x%5B%5D=1&x%5B%5D=%C3%A9"),
            ([FormEdit("x[]", place: 2, to: "3")], "a=%7e&amount=2500&x%5B%5D=1&x[]=2&x%5B%5D=3"),
            ([FormEdit("a", to: nil), FormEdit("b", to: "")], "amount=2500&x%5B%5D=1&x[]=2&b="),
        ])
    func forms(edits: [FormEdit], after: String) throws {
        let call = try Self.call(
            form: "a=%7e&amount=2500&x%5B%5D=1&x[]=2",
            parameters: [.init("a", "~"), .init("amount", "2500"), .init("x[]", "1"), .init("x[]", "2")])
        #expect(text(try CallEdit(form: edits).apply(to: call)) == after)
    }

    @Test("a field that is not there, or is there twice, is not guessed")
    func wrongFields() throws {
        let call = try Self.call(form: "a=1&b=2&b=3", parameters: [.init("a", "1"), .init("b", "2"), .init("b", "3")])
        for edit in [
            CallEdit(form: [FormEdit("a", place: 2, to: "x")]), CallEdit(form: [FormEdit("c", to: nil)]),
            CallEdit(values: [("c", "1")]), CallEdit(values: [("b", "1")]),
            CallEdit(patch: try JSONPatch([.remove(JSONPointer(["a"]))])),
        ] {
            #expect(throws: CallEditFailure.self) { _ = try edit.apply(to: call) }
        }
        #expect(text(try CallEdit(values: [("a", "9")]).apply(to: call)) == "a=9&b=2&b=3")
    }

    @Test(
        "header fields of the list are changed, and no others",
        arguments: [
            ("Prefer", true), ("accept-language", true), ("If-Match", true), ("Authorization", false), ("Host", false),
            ("Content-Length", false), ("Transfer-Encoding", false), ("Idempotency-Key", false), ("Cookie", false),
            ("Tiergate-Hold", false), ("X-HTTP-Method-Override", false), ("Content-Type", false),
        ])
    func headers(name: String, isAllowed: Bool) throws {
        let call = try Self.call(json: "{}", fields: ["prefer": "old", "X-Other": "1"])
        let edit = CallEdit(headers: [(name, "new")])
        if isAllowed {
            let edited = try edit.apply(to: call)
            #expect(edited.fields.text(name) == "new" && edited.fields.count(of: name) == 1)
            #expect(edited.fields.text("x-other") == "1")
            for value in ["a\r\nb: c", "ü", " a", String(repeating: "x", count: CallEdit.longestHeader + 1)] {
                #expect(throws: CallEditFailure.self) { _ = try CallEdit(headers: [(name, value)]).apply(to: call) }
            }
        } else {
            #expect(throws: CallEditFailure.self) { _ = try edit.apply(to: call) }
        }
    }

    @Test(
        "what is signed over its body is not changed, and the reason says what signs it",
        arguments: [
            (["Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/…"], "Authorization"),
            (["Authorization": "OAuth oauth_signature=\"x\""], "Authorization"),
            (["Signature-Input": "sig1=()", "Signature": "sig1=:x:"], "Signature"),
            (["Content-MD5": "x"], "Content-MD5"), (["Content-Digest": "sha-256=:x:"], "Content-Digest"),
            (["Digest": "x"], "Digest"), (["X-Hub-Signature-256": "x"], "X-Hub-Signature-256"),
            (["Stripe-Signature": "x"], "Stripe-Signature"), (["X-Shopify-Hmac-Sha256": "x"], "Shopify"),
            (["x-amz-checksum-crc32": "x"], "checksum"), (["CB-ACCESS-SIGN": "x"], "CB-ACCESS-SIGN"),
            (["x-amz-content-sha256": "e3b0"], "x-amz-content-sha256"),
        ] as [(Fields, String)])
    func signed(fields: Fields, part: String) throws {
        let edit = CallEdit(values: [("a", "2")])
        let failure = #expect(throws: CallEditFailure.self) {
            _ = try edit.apply(to: try Self.call(json: #"{"a":1}"#, fields: fields))
        }
        #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "")")
        let plain = try Self.call(json: #"{"a":1}"#, fields: ["Authorization": "Bearer x", "X-Design": "a"])
        #expect(text(try edit.apply(to: plain)) == #"{"a":2}"#)
    }

    @Test("a signature in the query, a spooled body, a multipart body and one without a reading are not changed")
    func unreadable() throws {
        let edit = CallEdit(values: [("a", "2")])
        let digest = try #require(Digest(Array(repeating: 0, count: 32)))
        for call in [
            try Self.call(json: #"{"a":1}"#, query: [.init("X-Amz-Signature", "x")]),
            try Self.call(document: .opaque("too large"), body: .spooled(name: "s", length: 9, digest: digest)),
            try Self.call(document: .multipart([]), body: .bytes([1])),
            try Self.call(document: .opaque("protobuf"), body: .bytes([1])), try Self.call(),
        ] {
            #expect(throws: CallEditFailure.self) { _ = try edit.apply(to: call) }
        }
    }

    @Test("a compressed JSON body is sent as it is read")
    func compressed() throws {
        let document = Document.json(try JSONDocument.parse(Array(#"{"a":1}"#.utf8)))
        let call = try Self.call(fields: ["Content-Encoding": "gzip"], document: document, body: .bytes([31, 139]))
        let edited = try CallEdit(values: [("a", "2")]).apply(to: call)
        #expect(text(edited) == #"{"a":2}"# && !edited.fields.contains("content-encoding"))
    }
}
