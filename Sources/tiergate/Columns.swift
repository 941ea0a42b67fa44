import Glibc
import System

/// Text as a terminal counts it: in columns, of which some characters take two and some none.
enum Columns {
    static func width(of text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// East Asian Width (UAX 11), as far as terminals agree on it.
    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// Filled with blanks to this many columns.
    static func padded(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(of: text)))
    }

    /// Cut to this many columns, with a mark where it was.
    static func cut(_ text: String, _ columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        return prefix(text[...], max(1, columns - 1)) + "…"
    }

    /// In lines of this many columns, broken between words where that is possible.
    static func wrapped(_ text: String, _ columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let gap = line.isEmpty ? 0 : 1
            if width(of: line) + gap + width(of: word) <= columns {
                line += (gap == 0 ? "" : " ") + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            var rest = word
            while width(of: rest) > columns {
                let part = prefix(rest, max(1, columns))
                lines.append(part)
                rest = rest.dropFirst(part.count)
            }
            line = String(rest)
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }

    /// As many characters as fit, and one at least, so that whoever cuts off pieces comes to an end.
    private static func prefix(_ text: Substring, _ columns: Int) -> String {
        var result = ""
        var used = 0
        for character in text {
            used += width(of: String(character))
            guard used <= columns || result.isEmpty else { break }
            result.append(character)
        }
        return result
    }
}

extension Terminal {
    /// Columns to write in: as wide as the window is, within what is good to read; 80 where there is none.
    var width: Int {
        guard let columns = Window.columns(of: STDOUT_FILENO) else { return 80 }
        return min(max(columns, 72), 120)
    }
}
