import Calls
import JSON
import Testing
import Wire

struct BulkReaderTests {
    private func bulk(_ lines: String..., url: Text = "https://es.test/_bulk", type: String = "application/x-ndjson")
        -> [String]
    {
        operations(url, type, lines.joined(separator: "\n") + "\n")
    }

    @Test("every line is the request that does the same")
    func actions() {
        #expect(
            bulk(
                "{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}", "{\"f\":1}",
                "{\"delete\":{\"_index\":\"a/b\",\"_id\":2}}",
                "{\"create\":{\"_index\":\"a\",\"_id\":\"3\"}}", "{}", "{\"update\":{\"_index\":\"a\",\"_id\":\"4\"}}",
                "{\"doc\":{}}",
                "{\"index\":{\"_index\":\"a\"}}", "{}")
                == [
                    "wrapper", "PUT /a/_doc/1", "DELETE /a%2Fb/_doc/2", "PUT /a/_create/3", "POST /a/_update/4",
                    "POST /a/_doc",
                ])
    }

    @Test("the path names the index where a line does not")
    func defaultIndex() {
        let line = "{\"delete\":{\"_id\":\"1\"}}"
        #expect(bulk(line, url: "https://es.test/logs/_bulk") == ["wrapper", "DELETE /logs/_doc/1"])
        #expect(bulk(line) == ["malformed_lines"])
    }

    @Test("searches are taken apart, and both line ends read")
    func searches() {
        let url: Text = "https://es.test/_msearch"
        #expect(
            bulk("{\"index\":[\"a\",\"b\"]}\r", "{\"query\":{}}\r", "{}", "{}", url: url)
                == ["wrapper", "POST /a%2Cb/_search", "POST /_search"])
        #expect(
            bulk("{}", "{}", url: "https://es.test/x/_msearch", type: "application/json") == [
                "wrapper", "POST /x/_search",
            ])
    }

    @Test("escapes hide nothing, and each type of lines is read")
    func disguises() {
        let line = "{\"\\u0064elete\":{\"_index\":\"a\",\"_id\":\"2\"}}"
        for type in [
            "application/x-ndjson", "application/json", "application/vnd.elasticsearch+x-ndjson; compatible-with=8", "",
        ] {
            #expect(bulk(line, type: type) == ["wrapper", "DELETE /a/_doc/2"])
        }
        #expect(
            bulk(line, type: "text/plain") == ["malformed_lines"]
                || bulk(line, type: "text/plain") == ["wrapper", "DELETE /a/_doc/2"])
    }

    @Test(
        "lines without one reading are refused",
        arguments: [
            "", " ", "{\"delete\":{\"_index\":\"a\"}}", "{\"remove\":{\"_index\":\"a\",\"_id\":\"1\"}}", "[]", "{}",
            "{\"delete\":{\"_index\":\"a\",\"_id\":\"1\"},\"index\":{}}", "{\"delete\":1}",
            "{\"delete\":{\"_index\":1,\"_id\":{}}}",
            "{\"index\":{\"_index\":\"a\"}}", "{\"index\":{\"_index\":\"a\"}}\n\n{}",
            "{\"index\":{\"_index\":\"a\"}}\n[]",
            "{\"index\":{\"_index\":\"a\"}}\r\n{}\r\n\r\n{\"delete\":{\"_index\":\"a\",\"_id\":\"1\"}}",
            "{\"delete\":{\"_index\":\"a\",\"_id\":\"1\",\"_id\":\"2\"}}",
        ])
    func refused(_ line: String) {
        let result = bulk(line)
        #expect(result == ["malformed_lines"] || result == ["malformed_json"], "\(result)")
    }

    @Test("64 actions are read, 65 refused")
    func limit() {
        func lines(_ count: Int) -> [String] {
            operations(
                "https://es.test/a/_bulk", "application/x-ndjson",
                String(repeating: "{\"index\":{}}\n{}\n", count: count))
        }
        #expect(lines(64).count == 65 && lines(65) == ["too_many_operations"])
        func deletions(_ count: Int) -> [String] {
            operations(
                "https://es.test/a/_bulk", "application/x-ndjson",
                String(repeating: "{\"delete\":{\"_id\":\"1\"}}\n", count: count))
        }
        #expect(deletions(64).count == 65 && deletions(65) == ["too_many_operations"])
        #expect(deletions(1000) == ["too_many_operations"])
    }
}
