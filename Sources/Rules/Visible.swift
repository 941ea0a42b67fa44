extension Unicode.Scalar {
    /// A character that a person sees as what it is: not a control, not invisible, not one that turns text around.
    var isDisplayable: Bool {
        if value &- 0x20 < 0x5F { return true }
        guard !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        // Blanks that look like the one blank, and are another character to a program.
        case .spaceSeparator: return self == " "
        // Hangul fillers and braille blank are drawn as nothing.
        default: return value != 0x3164 && value != 0xFFA0 && value != 0x115F && value != 0x1160 && value != 0x2800
        }
    }
}

/// Text from an agent as a person may safely see it: what is not displayable is written `<U+202E>`, and what is beyond
/// `limit` characters is counted.
package func visible(_ text: String, limit: Int = 120) -> String {
    if text.utf8.count <= limit, text.utf8.allSatisfy({ $0 &- 0x20 < 0x5F }) { return text }
    var result = ""
    var shown = 0
    var rest = 0
    for scalar in text.unicodeScalars {
        guard shown < limit else {
            rest += 1
            continue
        }
        shown += 1
        if scalar.isDisplayable {
            result.unicodeScalars.append(scalar)
        } else {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            result += "<U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + ">"
        }
    }
    return rest == 0 ? result : result + "…(\(rest) more)"
}
