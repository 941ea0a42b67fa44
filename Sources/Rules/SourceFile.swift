import JSON

/// One rule file as it was read.
package struct RuleSource: Sendable {
    /// As messages name it: `rules/stripe/stripe.yaml`.
    package let path: String
    package let bytes: [UInt8]
    package let standing: Standing

    /// What the site says of a file.
    package enum Standing: Sendable {
        /// It may claim what it declares, or is of the site itself.
        case granted
        /// There is no list of grants: whoever put the file there is taken to mean it.
        case unlisted
        /// There is a list of grants, and the file is not in it, or has changed since.
        case ungranted
    }

    package init(path: String, bytes: [UInt8], standing: Standing = .granted) {
        self.path = path
        self.bytes = bytes
        self.standing = standing
    }
}

/// Where something stands in a file; lines and columns count from 1, columns in characters (code points).
package struct SourceSpan: Hashable, Sendable {
    package let line: Int
    package let column: Int
    package let length: Int

    package init(line: Int, column: Int, length: Int = 1) {
        self.line = line
        self.column = column
        self.length = max(1, length)
    }
}

/// A file by its lines, so that a diagnostic can quote it.
package struct SourceFile: Sendable {
    package let path: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    package init(_ source: RuleSource) {
        path = source.path
        bytes = source.bytes
        lineStarts = [0] + source.bytes.indices.filter { source.bytes[$0] == 0x0A }.map { $0 + 1 }
    }

    /// A line that is longer is not quoted, because each diagnostic keeps its own copy.
    static let quotedLimit = 16_384

    /// A line without its end; empty where there is none, or it is too long.
    func line(_ number: Int) -> String {
        guard number >= 1, number <= lineStarts.count else { return "" }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        guard end > start, end - start <= Self.quotedLimit else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Where a byte stands, for readers that count bytes.
    func span(at offset: Int) -> SourceSpan {
        let index = max(0, (lineStarts.firstIndex { $0 > offset } ?? lineStarts.count) - 1)
        let before = bytes[lineStarts[index]..<max(lineStarts[index], min(offset, bytes.count))]
        return SourceSpan(line: index + 1, column: String(decoding: before, as: UTF8.self).unicodeScalars.count + 1)
    }

    /// Where characters of a scalar stand; the whole scalar where escapes or line breaks put them elsewhere.
    func span(of range: Range<Int>, in node: YAMLNode) -> SourceSpan {
        guard case .scalar(let text, let isQuoted) = node.content else { return node.span }
        let scalars = Array(text.string.unicodeScalars.prefix(range.upperBound))
        let column = node.span.column + (isQuoted ? 1 : 0)
        let written = line(node.span.line).unicodeScalars.dropFirst(column - 1).prefix(scalars.count)
        guard written.elementsEqual(scalars) else { return node.span }
        return SourceSpan(line: node.span.line, column: column + range.lowerBound, length: range.count)
    }

    /// Where a part of a scalar stands.
    func span(of part: String, in node: YAMLNode) -> SourceSpan {
        guard case .scalar(let text, _) = node.content else { return node.span }
        let (whole, wanted) = (Array(text.string.unicodeScalars), Array(part.unicodeScalars))
        let starts = 0..<max(0, whole.count - wanted.count + 1)
        guard let start = starts.first(where: { whole[$0..<$0 + wanted.count].elementsEqual(wanted) }) else {
            return node.span
        }
        return span(of: start..<start + wanted.count, in: node)
    }
}
