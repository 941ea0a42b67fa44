import Testing

@testable import JSON

@Suite struct JSONPatchTests {
    private func document(_ text: String) throws -> JSONDocument { try JSONDocument.parse(Array(text.utf8)) }

    private func apply(_ patch: String, to text: String) throws -> String {
        let patch = try JSONPatch(document(patch).root)
        return String(decoding: try patch.apply(to: document(text)).bytes, as: UTF8.self)
    }

    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let before: String
        let patch: String
        let after: String

        var testDescription: String { name }
    }

    @Test(
        "the examples of RFC 6902, appendix A, come out as it says, and what they do not touch keeps its spelling",
        arguments: [
            Example(
                name: "A.1 adding a member", before: #"{ "foo": "bar"}"#,
                patch: #"[{ "op": "add", "path": "/baz", "value": "qux" }]"#, after: #"{ "foo": "bar","baz":"qux"}"#),
            Example(
                name: "A.2 adding an element", before: #"{ "foo": [ "bar", "baz" ] }"#,
                patch: #"[{ "op": "add", "path": "/foo/1", "value": "qux" }]"#,
                after: #"{ "foo": [ "bar", "qux","baz" ] }"#),
            Example(
                name: "A.3 removing a member", before: #"{ "baz": "qux", "foo": "bar" }"#,
                patch: #"[{ "op": "remove", "path": "/baz" }]"#, after: #"{ "foo": "bar" }"#),
            Example(
                name: "A.4 removing an element", before: #"{ "foo": [ "bar", "qux", "baz" ] }"#,
                patch: #"[{ "op": "remove", "path": "/foo/1" }]"#, after: #"{ "foo": [ "bar", "baz" ] }"#),
            Example(
                name: "A.5 replacing", before: #"{ "baz": "qux", "foo": "bar" }"#,
                patch: #"[{ "op": "replace", "path": "/baz", "value": "boo" }]"#,
                after: #"{ "baz": "boo", "foo": "bar" }"#),
            Example(
                name: "A.6 moving a member",
                before: #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
                patch: #"[{ "op": "move", "from": "/foo/waldo", "path": "/qux/thud" }]"#,
                after: #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#),
            Example(
                name: "A.7 moving an element", before: #"{ "foo": [ "all", "grass", "cows", "eat" ] }"#,
                patch: #"[{ "op": "move", "from": "/foo/1", "path": "/foo/3" }]"#,
                after: #"{ "foo": [ "all", "cows", "eat","grass" ] }"#),
            Example(
                name: "A.8 testing", before: #"{"baz":"qux","foo":["a",2,"c"]}"#,
                patch: """
                    [{ "op": "test", "path": "/baz", "value": "qux" }, { "op": "test", "path": "/foo/1", "value": 2 }]
                    """, after: #"{"baz":"qux","foo":["a",2,"c"]}"#),
            Example(
                name: "A.10 adding what has members", before: #"{"foo":"bar"}"#,
                patch: #"[{ "op": "add", "path": "/child", "value": { "grandchild": { } } }]"#,
                after: #"{"foo":"bar","child":{ "grandchild": { } }}"#),
            Example(
                name: "A.11 members that mean nothing", before: #"{"foo":"bar"}"#,
                patch: #"[{ "op": "add", "path": "/baz", "value": "qux", "xyz": 123 }]"#,
                after: #"{"foo":"bar","baz":"qux"}"#),
            Example(
                name: "A.14 escapes in a pointer", before: #"{"/":9,"~1":10}"#,
                patch: #"[{"op": "test", "path": "/~01", "value": 10}]"#, after: #"{"/":9,"~1":10}"#),
            Example(
                name: "A.16 an array as an element", before: #"{ "foo": ["bar"] }"#,
                patch: #"[{ "op": "add", "path": "/foo/-", "value": ["abc", "def"] }]"#,
                after: #"{ "foo": ["bar",["abc", "def"]] }"#),
            Example(
                name: "numbers keep their digits", before: #"{"a":1.50,"b":12345678901234567890.10,"c":1}"#,
                patch: #"[{"op":"replace","path":"/c","value":1e2},{"op":"copy","from":"/b","path":"/d"}]"#,
                after: #"{"a":1.50,"b":12345678901234567890.10,"c":1e2,"d":12345678901234567890.10}"#),
            Example(
                name: "the whole document", before: "[1]", patch: #"[{"op":"replace","path":"","value":{"a":2}}]"#,
                after: #"{"a":2}"#),
            Example(
                name: "the only one of each", before: #"{"a":{"b":1},"c":[2]}"#,
                patch: """
                    [{"op":"remove","path":"/a/b"},{"op":"remove","path":"/c/0"},
                     {"op":"add","path":"/a/x","value":3},{"op":"add","path":"/c/0","value":4}]
                    """, after: #"{"a":{"x":3},"c":[4]}"#),
            Example(
                name: "adding what is there replaces it", before: #"{"a":1,"b":2}"#,
                patch: #"[{"op":"add","path":"/a","value":[]}]"#, after: #"{"a":[],"b":2}"#),
            Example(
                name: "a test of values that are spelled otherwise",
                before: #"{"n":1.50e1,"s":"\u00e9","o":{"a":1,"b":-0}}"#,
                patch: """
                    [{"op":"test","path":"/n","value":15},{"op":"test","path":"/s","value":"é"},
                     {"op":"test","path":"/o","value":{"b":0.0,"a":10e-1}}]
                    """, after: #"{"n":1.50e1,"s":"\u00e9","o":{"a":1,"b":-0}}"#),
        ])
    func examples(example: Example) throws {
        #expect(try apply(example.patch, to: example.before) == example.after)
    }

    @Test(
        "what RFC 6902 calls an error changes nothing, and says which step it was",
        arguments: [
            (#"{"baz":"qux"}"#, #"[{ "op": "test", "path": "/baz", "value": "bar" }]"#, "step 0: what is at \"/baz\""),
            (#"{"foo":"bar"}"#, #"[{ "op": "add", "path": "/baz/bat", "value": "qux" }]"#, "step 0: there is nothing"),
            (#"{"/":9,"~1":10}"#, #"[{"op": "test", "path": "/~01", "value": "10"}]"#, "is not what the test expects"),
            (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1},{"op":"remove","path":"/b"}]"#, "step 1"),
            (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, "there is nothing at \"/b\""),
            (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b/c"}]"#, "into itself"),
            (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, "no place in an array of 1"),
            (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/01","value":1}]"#, "no place"),
            (#"{"a":[1]}"#, #"[{"op":"replace","path":"/a/-","value":1}]"#, "nothing at"),
            (#"{"a":[1]}"#, #"[{"op":"remove","path":""}]"#, "whole document"),
            (#"{"a":1}"#, #"[{"op":"add","path":"/a/b","value":1}]"#, "has no members"),
            (#"{}"#, #"[{"op":"add","path":"a","value":1}]"#, "no JSON pointer"),
            (#"{}"#, #"[{"op":"add","path":"/~2","value":1}]"#, "no JSON pointer"),
            (#"{}"#, #"[{"op":"add","path":"/a"}]"#, "value is missing"),
            (#"{}"#, #"[{"op":"merge","path":"/a","value":1}]"#, "op is not one of"),
            (#"{}"#, #"{"op":"add","path":"/a","value":1}"#, "no array"),
            (#"{}"#, #"[1]"#, "no object"),
        ])
    func errors(before: String, patch: String, reason: String) throws {
        let (before, parsed) = (try document(before), try document(patch))
        let failure = #expect(throws: JSONPatchFailure.self) {
            _ = try JSONPatch(parsed.root).apply(to: before)
        }
        #expect(failure?.description.contains(reason) == true, "\(failure?.description ?? "")")
    }

    @Test("a patch that says the same twice is no JSON with one reading (A.13)")
    func doubled() {
        #expect(throws: JSONError.self) {
            try document(#"[{ "op": "add", "path": "/baz", "value": "qux", "op": "remove" }]"#)
        }
    }

    @Test("a patch has at most so many steps, and doubles nothing without end")
    func bounds() throws {
        func steps(_ count: Int) -> String {
            "[\(Array(repeating: #"{"op":"add","path":"/a","value":1}"#, count: count).joined(separator: ","))]"
        }
        #expect(try apply(steps(JSONPatch.mostSteps), to: "{}") == #"{"a":1}"#)
        #expect(throws: JSONPatchFailure.self) { try apply(steps(JSONPatch.mostSteps + 1), to: "{}") }
        let doubling = #"{"op":"copy","from":"/a","path":"/a/-"}"#
        let patch = "[\(Array(repeating: doubling, count: 200).joined(separator: ","))]"
        let long = String(repeating: "x", count: 1000)
        #expect(throws: JSONPatchFailure.self) { try apply(patch, to: #"{"a":["\#(long)"]}"#) }
        #expect(throws: JSONPatchFailure.self) {
            let filling = JSONWriter.string(String(repeating: "x", count: JSONPatch.growth))
            _ = try JSONPatch([.add(JSONPointer(["b"]), filling)]).apply(to: document("{}"))
        }
    }
}
