import Calls
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Testing

@testable import Operators

@Suite struct EditRouteTests {
    private let body = #"{"amount":500,"note":"a","card":{"client_secret":"sk_1"}}"#

    @Test("an edit by path, by patch and by header is told line by line, and the digest is another from then on")
    func edits() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(body: body))
        let id = hold.id.description
        let first = try bench.client.edit(
            id, digest: hold.digest.description, CallEdit(values: [("amount", "300")])
        ).hold
        #expect(first.edits.map(\.changes) == [["amount: 500 → 300"]])
        #expect(first.digest != hold.digest.description && first.state == "pending")
        let patch = try JSONPatch([
            .remove(JSONPointer(["note"])), .add(JSONPointer(["to"]), Array(#""b""#.utf8)),
            .replace(JSONPointer(["card", "client_secret"]), Array(#""sk_22""#.utf8)),
        ])
        let second = try bench.client.edit(
            id, digest: first.digest, CallEdit(patch: patch, headers: [("prefer", "wait")])
        ).hold
        #expect(
            second.edits.last?.changes == [
                "note: \"a\" taken away", "card.client_secret: ⟨redacted, 4 bytes⟩ → ⟨redacted, 5 bytes⟩",
                "to: \"b\" added", "header prefer: \"wait\" added",
            ])
        let shown = try bench.client.hold(id).hold
        #expect(shown.edits.count == 2)
        guard case .rows(let rows, _, _)? = shown.request?.body else {
            Issue.record("the body is not shown")
            return
        }
        #expect(rows.shown.first { $0.name == "amount" }?.value == "300")
        let refused = try bench.request(
            "POST", "/v1/holds/\(id)/approve", ["If-Match: \"\(shown.digest)\""], body: "{}")
        #expect(refused.status == 409)
        #expect(try refused.code() == "own_edit")
    }

    @Test(
        "an order that says nothing, or says it wrongly, is refused",
        arguments: [
            ("{}", "missing_member"), (#"{"patch":{}}"#, "wrong_member"), (#"{"set":{"a":1}}"#, "wrong_member"),
            (#"{"set":{"a":null}}"#, "wrong_member"), (#"{"form":[{"name":"a"}]}"#, "wrong_member"),
            (#"{"form":[{"name":"a","value":"1","plaec":2}]}"#, "wrong_member"), (#"{"body":"x"}"#, "unknown_member"),
            (#"{"headers":{"authorization":"x"}}"#, "not_editable"), (#"{"set":{"nothing":"1"}}"#, "not_editable"),
            (#"{"form":[{"name":"a","value":"1"}]}"#, "not_editable"), (#"{"set":{"amount":"500"}}"#, "not_editable"),
            (#"{"patch":[{"op":"test","path":"/amount","value":1}]}"#, "not_editable"),
        ])
    func refused(order: String, code: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(body: body))
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/edit", ["If-Match: \"\(hold.digest)\""], body: order)
        #expect(try answer.code() == code)
        #expect(try await bench.gate.gate.hold(hold.id).digest == hold.digest)
    }

    @Test("what a rule forbids is said, and what is signed cannot be opened")
    func forbidden() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        bench.gate.judging.set { _ in .sample(disposition: .refuse) }
        let hold = try await bench.hold(.sample(body: body))
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/edit", ["If-Match: \"\(hold.digest)\""], body: #"{"set":{"amount":"1"}}"#)
        #expect(answer.status == 422)
        #expect(try answer.code() == "edit_blocked")
        let signed = try await bench.hold(.sample(fields: ["Content-MD5": "x"], body: "[1]"))
        let draft = try bench.request("GET", "/v1/holds/\(signed.id)/draft")
        #expect(try draft.code() == "not_editable")
        #expect(try draft.json()["detail"]?.text?.string.contains("Content-MD5") == true)
    }

    @Test("what is about to change is shown beside what the call says of it")
    func seen() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let observation = Verdict.Observation(path: "/v1/charges/1", fields: ["amount", "note", "access_token"])
        let hold = try await bench.gate.hold(
            .sample(body: body), .sample(terms: Terms(observations: [observation]))
        ).hold
        #expect(try bench.client.hold(hold.id.description).seen.isEmpty)
        let answer = try JSONDocument.parse(Array(#"{"amount":900,"access_token":"tk"}"#.utf8))
        try await bench.gate.gate.note([Sighting(observation, answer, entityTag: nil)], of: hold.id)
        let seen = try #require(try bench.client.hold(hold.id.description).seen.first)
        #expect(seen.path == "/v1/charges/1" && seen.failure == nil)
        #expect(seen.fields.map(\.before) == ["900", nil, "⟨redacted, 4 bytes⟩"])
        #expect(seen.fields.map(\.after) == ["500", "\"a\"", nil])
    }
}

@Suite struct DraftTests {
    private func draft(_ json: String) throws -> Draft { try Draft(.sample(body: json)) }

    @Test("JSON is opened with a value a line; secrets and what a screen would hide are not in it as they are")
    func json() throws {
        let text = try draft(#"{"amount":1.50,"list":[1,{}],"token":"x","name":"a\u202eb⟨","e":[]}"#).text
        #expect(
            text == """
                {
                  "amount": 1.50,
                  "list": [
                    1,
                    {}
                  ],
                  "token": "⟨redacted, 1 bytes⟩",
                  "name": "a\\u202eb\\u27e8",
                  "e": []
                }

                """)
    }

    @Test("what is left as it was is no change, and what is changed is one step each")
    func roundTrip() throws {
        let draft = try draft(#"{"amount":1.50,"list":[1,2],"token":"x","name":"a\u202eb⟨","old":null}"#)
        #expect(try draft.edit(to: draft.text.replacing("  ", with: "\t")).patch?.steps.isEmpty == true)
        let changed = draft.text.replacing("1.50", with: "1.5").replacing("2\n", with: "3\n").replacing(
            "\"old\": null", with: "\"new\": {\"a\": 1}")
        let patch = try #require(try draft.edit(to: changed).patch)
        let original = try JSONDocument.parse(
            Array(#"{"amount":1.50,"list":[1,2],"token":"x","name":"a\u202eb⟨","old":null}"#.utf8))
        #expect(
            String(decoding: try patch.apply(to: original).bytes, as: UTF8.self)
                == #"{"amount":1.5,"list":[1,3],"token":"x","name":"a\u202eb⟨","new":{"a":1}}"#)
    }

    @Test("a note in a secret's place is never sent, and what is not JSON is refused")
    func notes() throws {
        let draft = try draft(#"{"list":[1],"token":"x"}"#)
        for changed in [
            draft.text.replacing("1 bytes", with: "2 bytes"), "{", draft.text.replacing("\"list\"", with: "\"token\""),
            #"{"list":[1],"other":"⟨redacted, 1 bytes⟩"}"#,
        ] {
            #expect(throws: CallEditFailure.self) { _ = try draft.edit(to: changed) }
        }
    }

    @Test("a form is opened with a field a line, and comes back field by field")
    func form() throws {
        let call = Call.sample(
            body: "x",
            document: .form([
                .init("amount", "2500"), .init("to", "a"), .init("to", "b\nc\\"), .init("password", "x"),
                .init("k=v", "\u{202E}"),
            ]))
        let draft = try Draft(call)
        #expect(draft.text == "amount=2500\nto=a\nto=b\\nc\\\\\npassword=⟨redacted, 1 bytes⟩\nk\\=v=\\u{202e}\n")
        #expect(try draft.edit(to: draft.text).form.isEmpty)
        let changed = draft.text.replacing("amount=2500", with: "amount=1=5").replacing("to=a\n", with: "")
            .replacing("k\\=v=\\u{202e}", with: "k\\=v=\\u{e9}\\t")
        #expect(
            try draft.edit(to: changed).form == [
                FormEdit("amount", to: "1=5"), FormEdit("to", to: "b\nc\\"), FormEdit("to", place: 1, to: nil),
                FormEdit("k=v", to: "é\t"),
            ])
        for wrong in ["amount\n", "amount=\\x\n", "amount=⟨redacted, 1 bytes⟩\n", "a=\\u{zz}\n"] {
            #expect(throws: CallEditFailure.self) { _ = try draft.edit(to: wrong) }
        }
    }
}
