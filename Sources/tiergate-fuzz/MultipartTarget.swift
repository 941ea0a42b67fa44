import Calls
import JSON
import Wire

extension FuzzTarget {
    static let multipart = FuzzTarget(
        name: "multipart",
        summary: "forms in parts: one that is written anew with another boundary is read the same",
        seeds: [
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=f; filename=\"x.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"_charset_\"\r\n\r\nutf-8\r\n--b\r\n\r\n--b--",
        ].map(\.bytes),
        dictionary: [
            "\r\n", "--b", "--b--", "\r\n--b\r\n", "\r\n\r\n", "Content-Disposition: ", "form-data", "; name=\"",
            "; filename=",
            "filename*=", "\"", "\\", "Content-Type: ", "text/plain", "application/json", "charset=",
            "Content-Transfer-Encoding: ",
            "base64", "8bit", "_charset_",
        ],
        run: { bytes throws(Finding) in
            guard
                case .multipart(let parts)? = call("https://a.test/", "multipart/form-data; boundary=b", bytes)?
                    .document
            else { return }
            var written: [UInt8] = []
            for part in parts {
                guard case .text(let text) = part.content, part.fileName == nil else { return }
                written += "--other\r\nContent-Disposition: form-data; name=\"\(part.name)\"\r\n\r\n\(text)\r\n".bytes
            }
            written += "--other--".bytes
            // The new boundary may stand in a value.
            guard !bytes.contains(0x6F) else { return }
            guard
                case .multipart(let again)? =
                    call("https://a.test/", "multipart/form-data; boundary=other", written)?.document
            else { throw Finding("a written form is none: \(Transcript.quoted(written))") }
            try requireSame(
                parts.map { $0.name.bytes }, again.map { $0.name.bytes }, "the parts of a written form have other names"
            )
            let texts = { (part: FormPart) -> [UInt8] in
                if case .text(let text) = part.content { text.bytes } else { [0] }
            }
            try requireSame(parts.map(texts), again.map(texts), "the parts of a written form have other values")
        })
}
