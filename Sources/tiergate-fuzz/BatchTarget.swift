import Calls
import JSON
import Wire

extension FuzzTarget {
    static let batch = FuzzTarget(
        name: "batch",
        summary: "requests in batches: each is what it would be alone",
        seeds: [
            "{\"requests\":[{\"id\":\"1\",\"method\":\"DELETE\",\"url\":\"/a//b?c=%64\"}]}",
            "{\"requests\":[{\"method\":\"post\",\"url\":\"x/../y\",\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"a\":1}}]}",
            "--b\r\nContent-Type: application/http\r\n\r\nPUT /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n{}\r\n--b--",
            "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\nGET /y\r\n--c--\r\n--b--",
        ].map(\.bytes),
        dictionary: [
            "{\"requests\":[", "\"method\":", "\"url\":", "\"headers\":{", "\"body\":", "https://a.test/", "/", "..",
            "%2e", "$batch",
            "\r\n--b\r\n", "--b--", "Content-Type: application/http\r\n\r\n", "multipart/mixed; boundary=c", "HTTP/1.1",
            "Host: a.test", "Content-Length: ", "GET ", "DELETE", "X-HTTP-Method: ",
        ],
        run: { bytes throws(Finding) in
            let type = bytes.first == 0x2D ? "multipart/mixed; boundary=b" : "application/json"
            guard let outer = call("https://a.test/odata/$batch", type, bytes) else { return }
            for operation in outer.operations {
                guard case .batched(let inner) = operation else { continue }
                let content: [UInt8] = if case .bytes(let bytes) = inner.body { bytes } else { [] }
                let spelled = inner.fields.text("content-type")?.string ?? ""
                guard inner.fields.count <= 1, inner.fields.count == (spelled.isEmpty ? 0 : 1) else { continue }
                let alone = call(Text("https://a.test\(inner.target.spelling)"), spelled, content, method: inner.method)
                try requireSame(
                    alone.map { "\($0.method) \(Transcript.of($0.target)) \(Transcript.of($0.document))" } ?? "",
                    "\(inner.method) \(Transcript.of(inner.target)) \(Transcript.of(inner.document))",
                    "a request in a batch is another alone")
            }
        })
}
