package import Calls
import JSON

/// A body out of its coding: its type, its bytes and the one reading of them.
package struct BodyContent {
    let type: ContentType?
    /// Unpacked; what goes upstream stays as it was received.
    let bytes: [UInt8]
    package let document: Document
    /// Of a multipart body other than a form.
    let parts: [MultipartReader.Part]
    /// Whether nobody has looked for the document: the body is over the inspection limit, so that `bytes` is empty though it
    /// is not, or it comes in signed chunks.
    let isWithheld: Bool

    init(
        _ type: ContentType?, _ bytes: [UInt8], _ document: Document, parts: [MultipartReader.Part] = [],
        isWithheld: Bool = false
    ) {
        self.type = type
        self.bytes = bytes
        self.document = document
        self.parts = parts
        self.isWithheld = isWithheld
    }
}
