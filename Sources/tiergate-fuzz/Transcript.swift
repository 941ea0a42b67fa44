import Calls
import JSON
import Wire

/// What was read, as one text to compare; lengths before contents, so that no two readings have the same.
enum Transcript {
    static func of(_ fields: Fields) -> String {
        (0..<fields.count).map { "\(quoted(fields.name(at: $0))): \(quoted(fields.value(at: $0)))" }
            .joined(separator: "\n")
    }

    static func of(_ target: Target) -> String {
        let segments = target.segments.map { quoted($0.utf8) }.joined(separator: " / ")
        return "\(target.description) to \(target.authority) path \(segments) query \(of(target.query))"
    }

    static func of(_ parameters: [Parameter]) -> String {
        parameters.map { "\(quoted($0.name.utf8))=\(quoted($0.value.utf8))" }.joined(separator: " & ")
    }

    static func of(_ call: Call) -> String {
        """
        \(call.method) \(of(call.target))
        \(of(call.fields))
        \(of(call.body))
        \(of(call.document))
        \(call.operations) by \(call.principal)
        """
    }

    static func of(_ document: Document) -> String {
        switch document {
        case .none: "none"
        case .json(let document): "json \(quoted(document.bytes))"
        case .form(let parameters): "form \(of(parameters))"
        case .multipart(let parts): "multipart \(parts.map(of).joined(separator: " & "))"
        case .opaque(let reason): "opaque \(reason)"
        }
    }

    static func of(_ part: FormPart) -> String {
        let content =
            switch part.content {
            case .text(let text): "text \(quoted(text.utf8))"
            case .json(let document): "json \(quoted(document.bytes))"
            case .bytes(let count): "\(count) bytes"
            }
        let (file, type) = (part.fileName.map { quoted($0.utf8) } ?? "-", part.type.map { quoted($0.utf8) } ?? "-")
        return "\(quoted(part.name.utf8)) file \(file) type \(type) \(content)"
    }

    private static func of(_ body: Body) -> String {
        switch body {
        case .none: "no body"
        case .bytes(let bytes): "body \(quoted(bytes))"
        case .spooled(let name, let length, let digest): "spooled \(name) \(length) \(digest)"
        case .streamed(let length): "streamed \(length.map(String.init) ?? "?")"
        }
    }

    /// ASCII as it is, everything else in hexadecimal.
    static func quoted(_ bytes: some Collection<UInt8>) -> String {
        let text = bytes.map { 0x20...0x7E ~= $0 ? String(UnicodeScalar($0)) : "<\(String($0, radix: 16))>" }.joined()
        return "\(bytes.count):\(text)"
    }
}

/// A principal without a key: the fuzz targets compare credentials whole.
func principal(_ credential: Credential) -> Principal {
    switch credential {
    case .none: .none
    case .aws(let credential): .aws(key: credential.keyID)
    case .token(let issuer, let subject, let audience, _): .token(issuer: issuer, subject: subject, audience: audience)
    case .opaque(let bytes): .opaque(Transcript.quoted(bytes))
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}
