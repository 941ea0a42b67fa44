import Calls
import JSON
import Testing
import Wire

struct DocumentReaderTests {
    private func read(_ body: String, _ type: String?, _ coding: String? = nil) -> String {
        read(bytes(body), type, coding)
    }

    private func read(_ body: [UInt8], _ type: String?, _ coding: String? = nil) -> String {
        do throws(WireError) {
            let content = try DocumentReader.read(
                body, contentType: type.map { bytes($0)[...] }, contentEncoding: coding.map { bytes($0)[...] })
            switch content.document {
            case .none: return "none"
            case .json(let json): return "json \(text(json.root.spelling))"
            case .form(let form): return "form " + form.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
            case .multipart(let parts): return "multipart \(parts.count)"
            case .opaque(let reason): return "opaque: \(reason)"
            }
        } catch { return error.code }
    }

    @Test(
        "the declared type chooses the reader",
        arguments: [
            ("{\"a\":1}", "application/json", "json {\"a\":1}"), ("[1]", "APPLICATION/JSON; charset=UTF-8", "json [1]"),
            ("1", "application/vnd.api+json", "json 1"),
            ("{}", "application/merge-patch+json;charset=\"utf-8\"", "json {}"),
            ("{}", "application/x-amz-json-1.1", "json {}"), ("{}", "text/json", "json {}"),
            ("{}", "application/vnd.elasticsearch+json; compatible-with=8", "json {}"),
            ("", "application/json", "none"),
            ("a=b&c=d+e%21&a=2", "application/x-www-form-urlencoded", "form a=b|c=d e!|a=2"),
            ("a=é b", "application/x-www-form-urlencoded; charset=utf-8", "form a=é b"),
            ("a", "application/x-www-form-urlencoded;", "form a="), ("", "application/x-www-form-urlencoded", "none"),
            ("{\"text\":1}", "text/plain;charset=UTF-8", "json {\"text\":1}"),
            ("hello", "text/plain", "opaque: plain text"),
            ("{'a':1}", "text/plain", "opaque: plain text"), ("{}", "text/plain; charset=utf-7", "opaque: plain text"),
            ("<a/>", "application/xml", "opaque: a body of type application/xml"),
            ("{}\n{}\n", "application/x-ndjson", "opaque: one JSON document a line"),
            ("x", "multipart/alternative; boundary=\"a:b,c\"", "opaque: a body of type multipart/alternative"),
            ("query { a }", "application/graphql", "opaque: a GraphQL document"),
            ("<a>é</a>", "text/xml; charset=utf-8", "opaque: a body of type text/xml"),
            ("{}", "application/jsonx", "opaque: a body of type application/jsonx"),
        ])
    func kinds(_ body: String, _ type: String, _ expected: String) { #expect(read(body, type) == expected) }

    @Test("a body without a type is JSON where it looks like it, and must then be it")
    func untyped() {
        #expect(read(" \r\n{\"a\":1}", nil) == "json {\"a\":1}")
        #expect(read("{\"a\":1,\"a\":2}", nil) == "malformed_json")
        #expect(read("a=b", nil) == "opaque: a body without a content type")
        #expect(read("a=b", "") == "opaque: a body without a content type")
        #expect(read("", nil) == "none")
    }

    @Test(
        "what its type belies is refused, its twin read",
        arguments: [
            ("{\"a\":1}", "application/x-www-form-urlencoded", "content_type_mismatch", "a=%7B%22a%22:1}"),
            (" [1]", "application/x-www-form-urlencoded", "content_type_mismatch", "a=[1]"),
            ("a=b", "application/json", "malformed_json", "\"a=b\""),
            ("{\"a\":1}{}", "application/json", "malformed_json", "{\"a\":1}"),
            ("{\"a\":1,\"\\u0061\":2}", "application/json", "malformed_json", "{\"a\":1,\"\\u0062\":2}"),
            ("{}", "application/json; charset=utf-16", "unsupported_charset", ""),
            ("{}", "application/json; charset=iso-8859-1", "unsupported_charset", ""),
            ("a", "application/x-www-form-urlencoded; charset=utf-7", "unsupported_charset", ""),
            ("<a/>", "application/x-www-form-urlencoded", "content_type_mismatch", "a=<a/>"),
            ("{\"a\":1}", "application/xml", "content_type_mismatch", "<a/>"),
            ("<a/>", "application/xml; charset=utf-16", "unsupported_charset", ""),
            ("a=b;c=d", "application/x-www-form-urlencoded", "malformed_form", "a=b%3Bc=d"),
            ("a=b\nc=d", "application/x-www-form-urlencoded", "malformed_form", "a=b%0Ac=d"),
            ("a=%00", "application/x-www-form-urlencoded", "malformed_form", "a=%01"),
            ("a=%ff", "application/x-www-form-urlencoded", "malformed_form", "a=%C3%BF"),
            ("a=%c0%af", "application/x-www-form-urlencoded", "malformed_form", "a=%2f"),
            ("a=%", "application/x-www-form-urlencoded", "malformed_percent", "a=%25"),
            ("a=%u0041", "application/x-www-form-urlencoded", "malformed_percent", "a=%2500"),
        ])
    func refused(_ body: String, _ type: String, _ code: String, _ twin: String) {
        #expect(read(body, type) == code)
        if code != "unsupported_charset" {
            #expect(!read(twin, type).contains("_"), "\(read(twin, type))")
        } else {
            #expect(read(body, String(type.prefix { $0 != ";" }) + "; charset=utf-8") != code)
        }
    }

    @Test("UTF-16 and a byte order mark are not JSON")
    func encodings() {
        #expect(read([0, 0x7B, 0, 0x7D], "application/json") == "malformed_json")
        #expect(read([0x7B, 0, 0x7D, 0], "application/json") == "malformed_json")
        #expect(read([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "application/json") == "malformed_json")
        #expect(read([0x7B, 0x7D], "application/json") == "json {}")
    }

    @Test(
        "a content type that is not one media type is refused",
        arguments: [
            "json", "/", "application/", "/json", "application/json, text/plain", "application/json text/plain",
            "application /json", "application/json; charset", "application/json; =utf-8", "application/json; charset=",
            "application/json; charset=\"utf-8", "application/json; charset=utf-8; charset=utf-16",
            "application/json; charset=utf-8; Charset=utf-8", "application/json; a=\"\\\"\"", "application/json/x",
            "application/js\u{212A}on", "a b/c", ";charset=utf-8", "application/json; charset=\"utf 8\"",
        ])
    func malformedType(_ type: String) {
        #expect(read("{}", type) == "malformed_content_type")
        #expect(read("", type) == "malformed_content_type")
    }

    @Test(
        "a coding that says nothing is none, and an unknown one or one on another is refused",
        arguments: [
            ("gzip", "malformed_coding"), ("X-GZIP", "malformed_coding"), ("compress", "unsupported_content_coding"),
            ("br", "malformed_coding"), ("zstd", "malformed_coding"), ("deflate", "malformed_coding"),
            ("aws-chunked", "opaque: an upload in signed chunks"),
            ("aws-chunked, gzip", "opaque: an upload in signed chunks"),
            ("gzip, gzip", "unsupported_content_coding"), ("aws-chunked, aws-chunked", "unsupported_content_coding"),
            ("identity", "json {}"), ("", "json {}"), ("x-rot13", "unsupported_content_coding"),
            ("gzip, x-rot13", "unsupported_content_coding"), ("gzip;q=1", "unsupported_content_coding"),
            ("g zip", "unsupported_content_coding"), (" gzip\t,br ", "unsupported_content_coding"),
        ])
    func codings(_ coding: String, _ expected: String) { #expect(read("{}", "application/json", coding) == expected) }

    @Test("parameters of a form are limited")
    func limit() {
        let type = "application/x-www-form-urlencoded"
        #expect(read(String(repeating: "a&", count: 10_000), type).hasPrefix("form"))
        #expect(read(String(repeating: "a&", count: 10_001), type) == "too_many_parameters")
    }
}
