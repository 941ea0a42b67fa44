import Calls
import JSON
import Wire

extension FuzzTarget {
    static let form = FuzzTarget(
        name: "form",
        summary: "bodies by content type and coding: a form that is written anew is read the same",
        seeds: [
            "application/x-www-form-urlencoded\n\na=1&b=%20x+y&a=2&c", "application/json; charset=utf-8\n\n{\"a\":1}",
            "text/plain\n\n[1]", "multipart/form-data; boundary=\"x;y\"\ngzip\n--x", "\n\n{}",
            "application/vnd.api+json\nidentity, aws-chunked\n{}",
        ].map(\.bytes),
        dictionary: [
            "application/x-www-form-urlencoded", "application/json", "+json", "text/plain", "; charset=", "utf-8",
            "UTF8", "latin1", "\"", "gzip", "br", "zstd", "identity", ",", "%", "%2", "%00", "%C3%A9", "&", "=", "+",
            ";",
            "a[]=1",
        ],
        run: { bytes throws(Finding) in
            let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return }
            let document = try? DocumentReader.read(
                Array(parts[2]), contentType: parts[0], contentEncoding: parts[1].isEmpty ? nil : parts[1]
            ).document
            guard case .form(let parameters)? = document else { return }
            let written = parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
            guard
                case .form(let again)? = try? DocumentReader.read(
                    written.bytes, contentType: parts[0], contentEncoding: nil
                ).document
            else {
                // No parameter at all is no body.
                return try require(parameters.isEmpty, "a written form is none: \(written)")
            }
            try requireSame(Transcript.of(parameters), Transcript.of(again), "a written form is another")
        })

    /// Everything encoded, as no client does and every reader understands.
    private static func encoded(_ text: Text) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count == 1 ? "0" + digits : digits)
        }.joined()
    }
}
