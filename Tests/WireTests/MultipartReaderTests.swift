import Calls
import JSON
import Testing
import Wire

struct MultipartReaderTests {
    private func read(_ body: String, boundary: String = "b", _ limits: DecodingLimits = .default) -> String {
        do throws(WireError) {
            let content = try DocumentReader.read(
                bytes(body), contentType: bytes("multipart/form-data; boundary=\(boundary)")[...],
                contentEncoding: nil, limits: limits)
            guard case .multipart(let parts) = content.document else { return "no form" }
            return parts.map { part in
                let value =
                    switch part.content {
                    case .text(let text): text.string
                    case .json(let json): "json:\(text(json.root.spelling))"
                    case .bytes(let count): "\(count) bytes"
                    }
                return "\(part.name)=\(value)\(part.fileName.map { " (\($0))" } ?? "")"
            }.joined(separator: "|")
        } catch {
            if case .malformedMultipart(let problem) = error { return "refused: \(problem)" }
            return error.code
        }
    }

    private static let field = "Content-Disposition: form-data; name=\"a\""

    @Test("fields, files and JSON parts are read in order")
    func parts() {
        let body = crlf(
            "--b", Self.field, "", "1", "--b", "Content-Disposition: form-data; name=a", "", "", "--b",
            "content-disposition: form-data; name=\"f\"; filename=\"x.pdf\"", "Content-Type: application/pdf", "",
            "%PDF\n-\r\n--", "--b", "Content-Disposition: form-data; name=\"payload_json\"",
            "Content-Type: application/json", "", "{\"content\":\"hi\"}", "--b--", "")
        #expect(read(body) == "a=1|a=|f=10 bytes (x.pdf)|payload_json=json:{\"content\":\"hi\"}")
    }

    @Test(
        "a body with two readings is refused, its twin read",
        arguments: [
            ("preamble", crlf("x", "--b", field, "", "1", "--b--", ""), crlf("--b", field, "", "x", "--b--", "")),
            ("epilogue", crlf("--b", field, "", "1", "--b--", "x"), crlf("--b", field, "", "1", "--b--", "")),
            ("noEnd", crlf("--b", field, "", "1", "--c--", ""), crlf("--b", field, "", "--c--", "--b--")),
            ("noEnd", crlf("--b", field, "", "1", ""), crlf("--b", field, "", "1", "--b--")),
            (
                "boundaryInContent", crlf("--b", field, "", "1", "--bx", "2", "--b--"),
                crlf("--b", field, "", " --bx", "--b--")
            ),
            ("boundaryInContent", crlf("--b ", field, "", "1", "--b--"), crlf("--b", field, "", "1 ", "--b--")),
            ("lineEnd", "--b\n\(field)\n\n1\n--b--\n", crlf("--b", field, "", "1\n2", "--b--")),
            (
                "lineEnd", crlf("--b", field, "", "1\n--b", field, "", "2", "--b--"),
                crlf("--b", field, "", "1\n-b", "--b--")
            ),
            (
                "lineEnd", crlf("--b", field, "", "1\r--b", field, "", "2", "--b--"),
                crlf("--b", field, "", "1\r", "--b--")
            ),
            ("lineEnd", crlf("--b", "\(field)\nX: y", "", "1", "--b--"), crlf("--b", field, "X: y", "", "1", "--b--")),
            ("head", crlf("--b", field, " ; filename=x", "", "1", "--b--"), crlf("--b", field, "X:", "", "1", "--b--")),
            ("head", crlf("--b", "nothing", "", "1", "--b--"), crlf("--b", field, "", "nothing", "--b--")),
            (
                "repeatedField", crlf("--b", field, field, "", "1", "--b--"),
                crlf("--b", field, "X: \(field)", "", "1", "--b--")
            ),
            ("disposition", crlf("--b", "X: y", "", "1", "--b--"), crlf("--b", field, "", "1", "--b--")),
            (
                "disposition", crlf("--b", "\(field); name=\"c\"", "", "1", "--b--"),
                crlf("--b", "\(field); filename=\"c\"", "", "1", "--b--")
            ),
            (
                "disposition", crlf("--b", "\(field); filename=c; filename*=utf-8''d", "", "1", "--b--"),
                crlf("--b", "\(field); filename*=utf-8''d", "", "1", "--b--")
            ),
            (
                "disposition", crlf("--b", "Content-Disposition: form-data; name=\"a\\\"b\"", "", "1", "--b--"),
                crlf("--b", "Content-Disposition: form-data; name=\"a%22b\"", "", "1", "--b--")
            ),
            (
                "disposition", crlf("--b", "Content-Disposition: attachment; name=\"a\"", "", "1", "--b--"),
                crlf("--b", "Content-Disposition: Form-Data; name=\"a\"", "", "1", "--b--")
            ),
            (
                "transferEncoding", crlf("--b", field, "Content-Transfer-Encoding: base64", "", "MQ==", "--b--"),
                crlf("--b", field, "Content-Transfer-Encoding: Binary", "", "1", "--b--")
            ),
            (
                "charset", crlf("--b", field, "Content-Type: text/plain; charset=utf-7", "", "1", "--b--"),
                crlf("--b", field, "Content-Type: text/plain; charset=UTF-8", "", "1", "--b--")
            ),
            (
                "charset", crlf("--b", "Content-Disposition: form-data; name=_charset_", "", "utf-16", "--b--"),
                crlf("--b", "Content-Disposition: form-data; name=_charset_", "", "UTF-8", "--b--")
            ),
        ])
    func refused(_ problem: String, _ body: String, _ twin: String) {
        #expect(read(body) == "refused: \(problem)", "\(body)")
        #expect(!read(twin).hasPrefix("refused"), "\(read(twin)): \(twin)")
    }

    @Test("parts and the sizes of their heads are limited")
    func limits() {
        func body(_ count: Int) -> String {
            String(repeating: crlf("--b", Self.field, "", "1", ""), count: count) + "--b--"
        }
        #expect(read(body(3), DecodingLimits(parts: 3)) == "a=1|a=1|a=1")
        #expect(read(body(4), DecodingLimits(parts: 3)) == "refused: tooManyParts")
        #expect(read(body(256)).hasPrefix("a=1") && read(body(257)) == "refused: tooManyParts")
        func head(_ size: Int) -> String {
            crlf("--b", Self.field, "X: \(String(repeating: "x", count: size))", "", "1", "--b--")
        }
        #expect(read(head(8000)) == "a=1" && read(head(9000)) == "refused: head")
        func fields(_ count: Int) -> String {
            crlf("--b", Self.field) + "\r\n" + (0..<count).map { "X\($0): y\r\n" }.joined() + "\r\n1\r\n--b--"
        }
        #expect(read(fields(31)) == "a=1" && read(fields(32)) == "refused: head")
    }

    @Test(
        "a boundary is one plain parameter of up to 70 characters",
        arguments: [
            ("b", true), ("\"b b\"", true), ("\"b \"", false), ("", false), ("\"\"", false), ("b; boundary=c", false),
            ("b; boundary*0=c", false), ("b; charset*=x", false), ("\"b\\\"\"", false), ("bé", false), ("b; x=y", true),
            (String(repeating: "b", count: 70), true), (String(repeating: "b", count: 71), false),
            ("a'()+_,-./:=?", false),
            ("\"a'()+_,-./:=?\"", true), ("----WebKitFormBoundary7MA4YWxkTrZu0gW", true), ("=_part:1", true),
        ])
    func boundaries(_ spelled: String, _ isTaken: Bool) {
        let plain = spelled.split(separator: ";").first.map { $0.filter { $0 != "\"" } } ?? ""
        let result = read(crlf("--\(plain)", Self.field, "", "1", "--\(plain)--"), boundary: spelled)
        #expect(result == (isTaken ? "a=1" : "malformed_content_type"))
    }

    @Test("without a boundary there is no multipart body")
    func noBoundary() {
        #expect(operations("https://a.test/", "multipart/form-data", "x") == ["malformed_content_type"])
        #expect(operations("https://a.test/", "multipart/mixed", "x") == ["malformed_content_type"])
    }

    @Test("an override in a part is refused, and its twin taken")
    func methodOverride() {
        func form(_ value: String) -> String {
            crlf("--b", "Content-Disposition: form-data; name=\"_method\"", "", value, "--b--")
        }
        #expect(operations("https://a.test/", "multipart/form-data; boundary=b", form("DELETE")) == ["method_override"])
        #expect(operations("https://a.test/", "multipart/form-data; boundary=b", form("post")) == ["http"])
    }

    @Test("of an upload in two parts the JSON is the document")
    func related() throws {
        let body = crlf(
            "--b", "Content-Type: application/json; charset=UTF-8", "", "{\"name\":\"x\"}", "--b",
            "Content-Type: image/png",
            "", "PNG", "--b--")
        let call = try upload(body, "multipart/related; boundary=b")
        guard case .json(let json) = call.document else {
            Issue.record("no document")
            return
        }
        #expect(json.root["name"]?.text == "x")
        let other = try upload(
            crlf("--b", "Content-Type: text/xml", "", "<a/>", "--b--"), "multipart/related; boundary=b")
        guard case .opaque = other.document else {
            Issue.record("a document of XML")
            return
        }
    }

    private func upload(_ body: String, _ type: String) throws -> Call {
        try WireTests.read("POST", "https://a.test/upload", [("Content-Type", type)], bytes(body))
    }
}
