import JSON

/// The tidy form of a rule file: what a reviewer should not have to look at is always the same.
package enum RuleFormat {
    /// Nil where the file cannot be read, or would not mean the same.
    package static func tidy(_ source: RuleSource) -> [UInt8]? {
        guard let before = tree(source.bytes) else { return nil }
        var lines: [ArraySlice<UInt8>] = []
        for line in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let end = line.lastIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }.map { $0 + 1 } ?? line.startIndex
            let line = line[line.startIndex..<end]
            if line.isEmpty, lines.last?.isEmpty ?? true { continue }
            lines.append(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        let tidy = Array(lines.joined(separator: [0x0A])) + [0x0A]
        // Blanks inside a text of several lines mean something.
        guard let after = tree(tidy), isSame(before, after) else { return nil }
        return tidy
    }

    private static func tree(_ bytes: [UInt8]) -> YAMLNode? {
        var reader = YAMLReader(RuleSource(path: "", bytes: bytes))
        return reader.document()
    }

    private static func isSame(_ a: YAMLNode, _ b: YAMLNode) -> Bool {
        switch (a.content, b.content) {
        case (.scalar(let x, let isQuoted), .scalar(let y, let isAlsoQuoted)): x == y && isQuoted == isAlsoQuoted
        case (.sequence(let x), .sequence(let y)): x.count == y.count && zip(x, y).allSatisfy(isSame)
        case (.mapping(let x), .mapping(let y)):
            x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        default: false
        }
    }
}
