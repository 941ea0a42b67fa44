import Calls
import JSON

/// As Amazon's services speak of errors, each protocol in its own way; SDKs find code and text in no other.
extension Refusal {
    /// Not a throttling code: those are retried whatever the status.
    var amazonCode: String {
        code == "held" ? "HeldForApproval" : code.split(separator: "_").map(\.capitalizedWord).joined()
    }

    /// - Parameter isWrapped: in an `<ErrorResponse>`.
    func amazonXML(isWrapped: Bool) -> [UInt8] {
        let parts = "<Code>\(amazonCode)</Code><Message>\(escaped(detail))</Message>"
        let request = "<RequestId>\(hold?.description ?? "tiergate")</RequestId>"
        let text =
            isWrapped
            ? "<ErrorResponse><Error><Type>Sender</Type>\(parts)</Error>\(request)</ErrorResponse>"
            : "<Error>\(parts)\(request)</Error>"
        return Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(text)".utf8)
    }

    /// Without the members `code` and `status` of other APIs, which these SDKs would take for their own.
    var amazonJSON: [UInt8] {
        JSONWriter.object { body in
            body.field("__type", amazonCode)
            body.field("message", detail)
            write(common: &body)
        }
    }

    /// A map of two texts (RFC 8949 sections 3.1 and 3.2).
    var amazonCBOR: [UInt8] {
        [0xA2] + [("__type", amazonCode), ("message", detail)].flatMap { cbor($0) + cbor($1) }
    }

    private func cbor(_ text: String) -> [UInt8] {
        let length = text.utf8.count
        let head: [UInt8] =
            switch length {
            case ..<24: [0x60 | UInt8(truncatingIfNeeded: length)]
            case ..<256: [0x78, UInt8(truncatingIfNeeded: length)]
            default: [0x7A] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
            }
        return head + text.utf8
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
