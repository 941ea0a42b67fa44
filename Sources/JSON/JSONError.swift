/// Why bytes are not a JSON document with one reading, and where the reading stopped.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable, CaseIterable {
        case byteOrderMark = "a byte order mark before the document"
        case controlCharacter = "a control character inside a string"
        case duplicateKey = "a key that this object already has"
        case invalidEscape = "an escape that JSON does not have"
        case invalidNumber = "a number that JSON does not write this way"
        case invalidText = "bytes that are not UTF-8"
        case loneSurrogate = "half of a surrogate pair"
        case tooDeep = "more nesting than the limit"
        case tooLong = "more bytes than the limit"
        case tooManyValues = "more values than the limit"
        case trailingData = "something after the end of the document"
        case unexpectedByte = "a byte that cannot stand here"
        case unexpectedEnd = "the end of the input inside the document"
    }

    package let reason: Reason
    /// Bytes before the offending one.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.rawValue), at byte \(offset)" }
}
