/// What keeps a multipart body from having one reading.
package enum MultipartProblem: String, Hashable, Sendable, CaseIterable {
    case preamble = "something before the first boundary"
    case epilogue = "something behind the last boundary"
    case noEnd = "no last boundary, or is cut short"
    case boundaryInContent = "the boundary inside a part, where some readers would end it and others not"
    case lineEnd = "a line end other than CR LF around a boundary or in the head of a part"
    case head = "a part whose head is malformed, folded, or over the limit"
    case repeatedField = "a part that says twice what it is"
    case disposition = "a part whose Content-Disposition is not form-data with one plain name"
    case transferEncoding = "a part in base64 or quoted-printable; send its bytes as they are"
    case charset = "a part in another charset than UTF-8"
    case tooManyParts = "more parts than the limit"
    case tooDeep = "more multipart bodies inside one another than the limit"
}
