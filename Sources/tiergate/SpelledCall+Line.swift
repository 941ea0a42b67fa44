import Calls
import JSON
import Wire

/// A line of a file of calls.
extension SpelledCall {
    /// Why a line is no call.
    struct Reason: Error { let sentence: String }

    static func read(line root: JSONNode) -> Result<Call, Reason> {
        guard let method = root["method"]?.text, let url = root["url"]?.text else {
            return .failure(Reason(sentence: "the line has no texts `method` and `url`"))
        }
        var fields: [(name: String, value: String)] = []
        if let headers = root["headers"], !headers.isNull {
            guard headers.kind == .object else { return .failure(Reason(sentence: "`headers` is not an object")) }
            for (name, value) in headers.members {
                for value in value.kind == .array ? Array(value.elements) : [value] {
                    guard let text = value.text else {
                        return .failure(Reason(sentence: "the header \(visible(name.string)) is not a text"))
                    }
                    fields.append((name.string, text.string))
                }
            }
        }
        var body = root["body"]?.text?.bytes
        if let encoded = root["body_b64"]?.text {
            guard let bytes = base64Decoded(encoded) else {
                return .failure(Reason(sentence: "body_b64 is not base64"))
            }
            body = bytes
        }
        do throws(WireError) {
            return .success(try read(method: method, url: url, fields: fields, body: body))
        } catch {
            return .failure(Reason(sentence: "\(error.code): \(error)"))
        }
    }
}

/// RFC 4648 section 4, with or without the padding; nil for anything else.
private func base64Decoded(_ text: Text) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    let digits = text.bytes
    let end = digits.lastIndex { $0 != 0x3D }.map { $0 + 1 } ?? 0
    for digit in digits[..<end] {
        let value: UInt32
        switch digit {
        case 0x41...0x5A: value = UInt32(digit) - 0x41
        case 0x61...0x7A: value = UInt32(digit) - 0x61 + 26
        case 0x30...0x39: value = UInt32(digit) - 0x30 + 52
        case 0x2B: value = 62
        case 0x2F: value = 63
        default: return nil
        }
        bits = bits << 6 | value
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
