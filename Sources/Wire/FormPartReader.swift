import Calls
import JSON

/// Makes the fields and files of a form of the parts of a `multipart/form-data` body (RFC 7578).
enum FormPartReader {
    static func read(_ parts: [MultipartReader.Part]) throws(WireError) -> [FormPart] {
        var form: [FormPart] = []
        form.reserveCapacity(parts.count)
        for part in parts { form.append(try read(part)) }
        return form
    }

    private static func read(_ part: MultipartReader.Part) throws(WireError) -> FormPart {
        guard let field = part.value("content-disposition") else { throw .malformedMultipart(.disposition) }
        let disposition = try disposition(field)
        let type = try part.value("content-type").map { value throws(WireError) in try ContentType(value) }
        let content = try content(part.content, type, isFile: disposition.file != nil)
        if disposition.name == "_charset_" {
            guard case .text(let charset) = content, charset.asciiLowercased == "utf-8" else {
                throw .malformedMultipart(.charset)
            }
        }
        let spelled = part.value("content-type").map { Text(smallLetters($0.prefix { $0 != 0x3B && $0 != 0x20 })) }
        return FormPart(name: disposition.name, fileName: disposition.file, type: spelled, content: content)
    }

    private static func content(
        _ bytes: ArraySlice<UInt8>, _ type: ContentType?, isFile: Bool
    ) throws(WireError) -> FormPart.Content {
        switch type?.kind {
        case .json where !isFile:
            guard type?.isUTF8 == true else { throw .malformedMultipart(.charset) }
            do throws(JSONError) { return .json(try JSONDocument.parse(Array(bytes))) } catch {
                throw .malformedJSON(error)
            }
        case nil where !isFile, .plainText where !isFile:
            guard type?.isUTF8 != false else { throw .malformedMultipart(.charset) }
            // A field that is not text, as some clients send small files: nobody can compare it with anything.
            guard !bytes.contains(0), let text = Text(copying: bytes.span) else { return .bytes(bytes.count) }
            return .text(text)
        default:
            return .bytes(bytes.count)
        }
    }

    /// `form-data; name="amount"; filename="a.pdf"`, each once; names are quoted or tokens.
    private static func disposition(_ value: ArraySlice<UInt8>) throws(WireError) -> (name: Text, file: Text?) {
        var rest = value
        let kind = rest.prefix { $0 != 0x3B }
        guard smallLetters(trimmingBlanks(kind)) == "form-data" else { throw .malformedMultipart(.disposition) }
        rest = rest.dropFirst(kind.count)
        var name: Text?
        var file: Text?
        while rest.first == 0x3B {
            rest = rest.dropFirst().drop(while: ByteClass.isBlank)
            let key = rest.prefix { $0 != 0x3D && $0 != 0x3B }
            rest = rest.dropFirst(key.count)
            guard !key.isEmpty, key.allSatisfy(ByteClass.token.contains), rest.first == 0x3D else {
                throw .malformedMultipart(.disposition)
            }
            rest.removeFirst()
            let text = try parameter(&rest)
            switch smallLetters(key) {
            case "name":
                guard name == nil, !text.isEmpty else { throw .malformedMultipart(.disposition) }
                name = text
            // A name in the form of RFC 8187, which RFC 7578 does not want and older clients send.
            case "filename", "filename*":
                guard file == nil else { throw .malformedMultipart(.disposition) }
                file = text
            default: throw .malformedMultipart(.disposition)
            }
        }
        guard rest.isEmpty, let name else { throw .malformedMultipart(.disposition) }
        return (name, file)
    }

    /// A token or a quoted text without a backslash, which half of the readers take for itself.
    private static func parameter(_ rest: inout ArraySlice<UInt8>) throws(WireError) -> Text {
        let content: ArraySlice<UInt8>
        if rest.first == 0x22 {
            content = rest.dropFirst().prefix { $0 != 0x22 }
            rest = rest.dropFirst(content.count + 1)
            guard rest.first == 0x22, !content.contains(0x5C) else { throw .malformedMultipart(.disposition) }
            rest.removeFirst()
        } else {
            content = rest.prefix { $0 != 0x3B && !ByteClass.isBlank($0) }
            rest = rest.dropFirst(content.count)
            guard content.allSatisfy(ByteClass.token.contains) else { throw .malformedMultipart(.disposition) }
        }
        rest = rest.drop(while: ByteClass.isBlank)
        guard let text = Text(utf8: content) else { throw .malformedMultipart(.charset) }
        return text
    }
}
