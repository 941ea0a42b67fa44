package import Calls
import JSON

/// Writes HTTP/1.1 heads and chunks: start line, fields and framing anew from decoded values, never as received.
package enum HTTPWriter {
    /// Who reads a request besides its upstream.
    package enum Reader: Sendable {
        case upstream
        /// A proxy, which takes the target in absolute form and may want to know who asks.
        case proxy(authorization: [UInt8]?)
    }

    /// The head of `call` as it goes upstream.
    package static func request(
        _ call: Call, framing: BodyFraming, for reader: Reader = .upstream, into output: inout [UInt8]
    ) {
        output.append(contentsOf: call.method.utf8)
        output.append(0x20)
        if case .proxy = reader {
            output.append(contentsOf: "http://".utf8)
            output.append(contentsOf: call.target.authority.hostField(for: call.target.scheme).utf8)
        }
        output.append(contentsOf: call.target.spelling.utf8)
        output.append(contentsOf: " HTTP/1.1\r\nHost: ".utf8)
        output.append(contentsOf: call.target.authority.hostField(for: call.target.scheme).utf8)
        endLine(&output)
        if case .proxy(let authorization?) = reader {
            output.append(contentsOf: "Proxy-Authorization: ".utf8)
            append(text: authorization.span, to: &output)
            endLine(&output)
        }
        append(call.fields, to: &output)
        switch framing {
        case .none where anticipatesContent(call.method.string): append(length: 0, to: &output)
        case .none: break
        case .length(let length): append(length: length, to: &output)
        // A request cannot end with its connection; should one ever get here, the upstream takes nothing of it for a
        // second request.
        case .chunked, .untilClose: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        endLine(&output)
    }

    /// A response's head. `fields` has neither framing nor `Connection`; these are written from the arguments.
    package static func response(
        status: Int, reason: [UInt8], fields: Fields, framing: BodyFraming, close: Bool,
        into output: inout [UInt8]
    ) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(decimal: UInt64(status.magnitude))
        output.append(0x20)
        append(text: reason.span, to: &output)
        endLine(&output)
        append(fields, to: &output)
        switch framing {
        case .none, .untilClose: break
        case .length(let length): append(length: length, to: &output)
        case .chunked: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        if close || framing == .untilClose { output.append(contentsOf: "Connection: close\r\n".utf8) }
        endLine(&output)
    }

    /// One chunk; nothing where there are no bytes, because an empty chunk ends a body.
    package static func chunk(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        output.append(contentsOf: String(bytes.count, radix: 16).utf8)
        endLine(&output)
        output.append(bytes)
        endLine(&output)
    }

    package static func lastChunk(into output: inout [UInt8]) { output.append(contentsOf: "0\r\n\r\n".utf8) }

    /// Methods whose requests say `Content-Length: 0` when they have no content (RFC 9110 section 8.6).
    private static func anticipatesContent(_ method: String) -> Bool {
        method == "POST" || method == "PUT" || method == "PATCH"
    }

    private static func append(_ fields: Fields, to output: inout [UInt8]) {
        fields.forEach { name, value in
            output.append(name)
            output.append(0x3A)
            output.append(0x20)
            append(text: value, to: &output)
            endLine(&output)
        }
    }

    /// A blank stands for every control character: whatever a value was made from, it stays on its line.
    private static func append(text: Span<UInt8>, to output: inout [UInt8]) {
        if text.endOfFieldText(from: 0, below: text.count) == text.count {
            output.append(text)
        } else {
            for index in text.indices { output.append(ByteClass.isFieldText(text[index]) ? text[index] : 0x20) }
        }
    }

    private static func append(length: UInt64, to output: inout [UInt8]) {
        output.append(contentsOf: "Content-Length: ".utf8)
        output.append(decimal: length)
        endLine(&output)
    }

    private static func endLine(_ output: inout [UInt8]) {
        output.append(0x0D)
        output.append(0x0A)
    }
}
