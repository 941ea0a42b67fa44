package import JSON

/// One part of a `multipart/form-data` body.
package struct FormPart: Sendable {
    package enum Content: Sendable {
        /// A field of a form.
        case text(Text)
        /// A part that says it is JSON (Discord's `payload_json`).
        case json(JSONDocument)
        /// An upload, or anything else that is no text; how many bytes.
        case bytes(Int)
    }

    package let name: Text
    /// As the sender calls the file; nil where the part is a field.
    package let fileName: Text?
    /// The part's own media type in small letters, nil where it has none.
    package let type: Text?
    package let content: Content

    package init(name: Text, fileName: Text?, type: Text?, content: Content) {
        self.name = name
        self.fileName = fileName
        self.type = type
        self.content = content
    }
}
