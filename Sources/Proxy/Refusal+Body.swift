import Calls
import JSON

/// Refusals as bytes: one JSON body that every client shows, and AWS's XML where its SDKs read nothing else.
extension Refusal {
    /// How the API that was called speaks of errors.
    enum Dialect {
        case problem
        /// `<ErrorResponse>`, the query protocol's (IAM, STS, EC2 reads it too).
        case awsQuery
        /// `<Error>`, as S3 says it.
        case s3

        init(host: Text) {
            if host.hasSuffix(".amazonaws.com") {
                self =
                    host.hasPrefix("s3.")
                        || host.string.utf8.split(separator: 0x2E).contains { $0.elementsEqual("s3".utf8) }
                    ? .s3 : .awsQuery
            } else {
                self = .problem
            }
        }
    }

    func fields(_ dialect: Dialect) -> Fields {
        var fields: Fields = ["Cache-Control": "no-store"]
        switch dialect {
        case .problem: fields.append("Content-Type", "application/problem+json")
        case .awsQuery, .s3: fields.append("Content-Type", "text/xml")
        }
        // RFC 7617 section 2; Bearer works as well, and clients of proxies know Basic.
        if status == 407 { fields.append("Proxy-Authenticate", "Basic realm=\"tiergate\", charset=\"UTF-8\"") }
        if let retryAfter {
            fields.append("Retry-After", String(retryAfter))
            if case .problem = dialect {} else { fields.append("x-amz-retry-after", String(retryAfter * 1000)) }
        }
        if isFinal {
            fields.append("x-should-retry", "false")
            fields.append("Stripe-Should-Retry", "false")
        }
        if let hold { fields.append("Tiergate-Hold", hold.description) }
        return fields
    }

    func body(_ dialect: Dialect) -> [UInt8] {
        switch dialect {
        case .problem: problem
        case .awsQuery: xml("ErrorResponse", error: true)
        case .s3: xml("Error", error: false)
        }
    }

    /// RFC 9457's members, and those in which the usual SDKs look for a text.
    private var problem: [UInt8] {
        JSONWriter.object { body in
            body.field("type", "about:blank")
            body.field("title", title)
            body.field("status", status)
            body.field("detail", detail)
            body.field("reason", code)
            body.field("message", detail)
            body.field("code", status)
            body.object("error") { error in
                error.field("message", detail)
                error.field("type", code)
                error.field("code", code)
            }
            if let hold { body.field("hold", hold.description) }
        }
    }

    private func xml(_ root: String, error isWrapped: Bool) -> [UInt8] {
        // Not a throttling code: those are retried whatever the status.
        let name = code == "held" ? "HeldForApproval" : code.split(separator: "_").map(\.capitalizedWord).joined()
        let parts = "<Code>\(name)</Code><Message>\(escaped(detail))</Message>"
        let request = "<RequestId>\(hold?.description ?? "tiergate")</RequestId>"
        let text =
            isWrapped
            ? "<\(root)><Error><Type>Sender</Type>\(parts)</Error>\(request)</\(root)>"
            : "<\(root)>\(parts)\(request)</\(root)>"
        return Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(text)".utf8)
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case _ where scalar.value < 0x20: result += " "
            case _: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Substring {
    /// `answer_lost` becomes `AnswerLost`, as AWS spells its codes.
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
