/// Text as it may be put before a person: what is shown is what is sent.
///
/// Everything that a screen would act on, reorder or leave out stands there as `⟨U+202E⟩`; a line feed is `↵`, a tab `⇥`.
/// The marks themselves are marked where the text has them, so that no text can look like another.
package enum VisibleText {
    /// Marks that may stand on one letter; more of them climb over the lines around.
    private static let stackedMarks = 2

    /// - Parameter limit: bytes of UTF-8 shown; the rest is counted in a mark.
    package static func show(_ text: String, limit: Int = .max) -> String {
        // Nearly all there is, and what lists are made of.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ $0 &- 0x20 < 0x5F }) { return text }
        var shown = ""
        var used = 0
        var marks = 0
        for scalar in text.unicodeScalars {
            let size = UTF8.width(scalar)
            guard used + size <= limit else {
                return shown + "…⟨\(text.utf8.count - used) more bytes⟩"
            }
            used += size
            marks = scalar.properties.generalCategory.isMark ? marks + 1 : 0
            if scalar.isPlain, marks <= stackedMarks {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += mark(scalar)
            }
        }
        return shown
    }

    /// Bytes that are not UTF-8 show each byte beyond ASCII as `⟨x9C⟩`.
    package static func show(_ bytes: some Collection<UInt8>, limit: Int = .max) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return show(text, limit: limit) }
        let shown = bytes.prefix(limit).map { byte in
            byte < 0x80 ? show(String(UnicodeScalar(byte))) : "⟨x\(padded(UInt32(byte), 2))⟩"
        }
        let left = bytes.count - shown.count
        return shown.joined() + (left > 0 ? "…⟨\(left) more bytes⟩" : "")
    }

    /// Whether a text does nothing on a screen but stand in its line.
    package static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
            case .format: !scalar.properties.isBidiControl
            default: true
            }
        }
    }

    private static func mark(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "↵"
        case "\t": "⇥"
        default: "⟨U+\(padded(scalar.value, 4))⟩"
        }
    }

    private static func padded(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Unicode.Scalar {
    /// Whether a screen shows it as one thing of its own, and does nothing else with it.
    package var isPlain: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        switch self {
        // The marks that stand for others, the ends of such a mark, and a blank that is no space.
        case "↵", "⇥", "⟨", "⟩", "\u{2800}": return false
        default: break
        }
        guard !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            return true
        @unknown default: return false
        }
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isMark: Bool { self == .nonspacingMark || self == .enclosingMark }
}

/// A text for a sentence: visible, and cut where it is long.
package func visible(_ text: String, limit: Int = 120) -> String { VisibleText.show(text, limit: limit) }
