package import JSON

/// A value of a YAML file, with its place.
///
/// Scalars are text: whoever reads one knows what it should be, so `no` and `010` stay what was written.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(Text, isQuoted: Bool)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    package struct Member: Sendable {
        package let key: Text
        package let keySpan: SourceSpan
        package let value: YAMLNode

        package init(key: Text, keySpan: SourceSpan, value: YAMLNode) {
            self.key = key
            self.keySpan = keySpan
            self.value = value
        }
    }

    package let content: Content
    package let span: SourceSpan

    package init(content: Content, span: SourceSpan) {
        self.content = content
        self.span = span
    }

    /// Nothing, `~` or `null`, without quotes.
    package var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// What it is, as messages say it.
    var kind: String {
        switch content {
        case .scalar(let text, let isQuoted): text.isEmpty && !isQuoted ? "nothing" : "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
