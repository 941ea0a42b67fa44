import Calls
import JSON

/// Takes a multipart body apart (RFC 2046 section 5.1, RFC 7578), in the one way that every reader would.
///
/// Strict where readers differ: CR LF ends lines and nothing else does, nothing stands before the first boundary or behind
/// the last, no white space follows a boundary, and no line of a part begins with it.
struct MultipartReader {
    /// One part: the lines of its head, and its content.
    struct Part {
        let fields: [(name: String, value: ArraySlice<UInt8>)]
        let content: ArraySlice<UInt8>

        func value(_ name: String) -> ArraySlice<UInt8>? { fields.first { $0.name == name }?.value }
    }

    static func parts(
        _ body: ArraySlice<UInt8>, boundary: [UInt8], limits: DecodingLimits
    ) throws(WireError) -> [Part] {
        let marker = [0x2D, 0x2D] + boundary
        guard body.starts(with: marker) else { throw .malformedMultipart(.preamble) }
        var parts: [Part] = []
        var position = body.startIndex + marker.count
        while true {
            let rest = body[position...]
            if rest.starts(with: [0x2D, 0x2D]) {
                let end = rest.dropFirst(2)
                guard end.isEmpty || end.elementsEqual([0x0D, 0x0A]) else { throw .malformedMultipart(.epilogue) }
                guard !parts.isEmpty else { throw .malformedMultipart(.noEnd) }
                return parts
            }
            guard rest.starts(with: [0x0D, 0x0A]) else {
                throw .malformedMultipart(rest.count < 2 ? .noEnd : rest.first == 0x0A ? .lineEnd : .boundaryInContent)
            }
            guard parts.count < limits.parts else { throw .malformedMultipart(.tooManyParts) }
            let start = position + 2
            // A part without a head begins with the empty line; a part with neither ends at once, by the same CR LF.
            let end = try endOfPart(body, from: start - 2, marker)
            parts.append(try part(body[min(start, end)..<end], limits))
            position = end + 2 + marker.count
        }
    }

    /// Where the CR LF stands that belongs to the next boundary.
    private static func endOfPart(
        _ body: ArraySlice<UInt8>, from start: Int, _ marker: [UInt8]
    ) throws(WireError) -> Int {
        var cursor = start
        while let dash = body[cursor...].firstIndex(of: 0x2D) {
            guard body[dash...].starts(with: marker) else {
                cursor = dash + 1
                continue
            }
            let before = body[start..<dash]
            if before.last == 0x0A {
                guard before.count >= 2, before[dash - 2] == 0x0D else { throw .malformedMultipart(.lineEnd) }
                return dash - 2
            }
            guard before.last != 0x0D else { throw .malformedMultipart(.lineEnd) }
            cursor = dash + 1
        }
        throw .malformedMultipart(.noEnd)
    }

    private static func part(_ bytes: ArraySlice<UInt8>, _ limits: DecodingLimits) throws(WireError) -> Part {
        var fields: [(name: String, value: ArraySlice<UInt8>)] = []
        var position = bytes.startIndex
        while true {
            guard position - bytes.startIndex <= limits.partHeadBytes, fields.count <= limits.partFields,
                let end = bytes[position...].prefix(limits.partHeadBytes).firstIndex(of: 0x0D)
            else { throw .malformedMultipart(.head) }
            guard end + 1 < bytes.endIndex, bytes[end + 1] == 0x0A else { throw .malformedMultipart(.lineEnd) }
            let line = bytes[position..<end]
            position = end + 2
            guard !line.isEmpty else { break }
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(ByteClass.token.contains)
            else { throw .malformedMultipart(.head) }
            let value = trimmingBlanks(line[(colon + 1)...])
            guard value.allSatisfy(ByteClass.isFieldText) else {
                throw .malformedMultipart(value.contains(0x0A) ? .lineEnd : .head)
            }
            let name = smallLetters(line[..<colon])
            guard !fields.contains(where: { $0.name == name }) else { throw .malformedMultipart(.repeatedField) }
            fields.append((name, value))
        }
        switch fields.first(where: { $0.name == "content-transfer-encoding" }).map({ smallLetters($0.value) }) {
        case nil, "7bit", "8bit", "binary": break
        default: throw .malformedMultipart(.transferEncoding)
        }
        return Part(fields: fields, content: bytes[position...])
    }
}
