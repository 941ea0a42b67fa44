/// Strings and bytes as they are written.
enum StringLiteral {
    /// What comes before the content: `r`, `b`, one quote or three.
    struct Prefix {
        var isBytes = false
        var isRaw = false
        var isTriple = false
        var quote: UInt8 = 0
        var length = 0
    }

    /// The content with its escapes resolved, and where the literal ends.
    static func read(
        _ source: [UInt8], at start: Int, _ prefix: Prefix
    ) throws(CompileDiagnostic) -> (content: [UInt8], end: Int) {
        var content: [UInt8] = []
        var position = start + prefix.length
        while position < source.count {
            let byte = source[position]
            if byte == prefix.quote {
                if !prefix.isTriple { return (content, position + 1) }
                if position + 2 < source.count, source[position + 1] == byte, source[position + 2] == byte {
                    return (content, position + 3)
                }
            } else if byte == UInt8(ascii: "\\"), !prefix.isRaw {
                position = try escape(source, at: position, isBytes: prefix.isBytes, into: &content)
                continue
            } else if !prefix.isTriple, byte == 0x0A || byte == 0x0D {
                break
            }
            content.append(byte)
            position += 1
        }
        let quotes = String(repeating: String(UnicodeScalar(prefix.quote)), count: prefix.isTriple ? 3 : 1)
        throw CompileDiagnostic(
            .syntax, "the string does not end", help: "end it with \(quotes)", at: start..<min(position, source.count))
    }

    /// Appends what an escape stands for and returns where it ends.
    private static func escape(
        _ source: [UInt8], at start: Int, isBytes: Bool, into content: inout [UInt8]
    ) throws(CompileDiagnostic) -> Int {
        func digits(_ from: Int, _ count: Int, _ isDigit: (UInt8) -> Bool, _ base: UInt32) -> UInt32? {
            guard from + count <= source.count, source[from..<from + count].allSatisfy(isDigit) else { return nil }
            return source[from..<from + count].reduce(0) { $0 &* base &+ $1.hexadecimalValue }
        }
        let letter = start + 1 < source.count ? source[start + 1] : 0
        let simple: UInt8? =
            switch letter {
            case UInt8(ascii: "a"): 0x07
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            case UInt8(ascii: "v"): 0x0B
            case 0x5C, 0x3F, 0x22, 0x27, 0x60: letter
            default: nil
            }
        if let simple {
            content.append(simple)
            return start + 2
        }
        var number: UInt32?
        var end = start + 2
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            number = digits(start + 2, 2, \.isHexadecimal, 16)
            end = start + 4
        case UInt8(ascii: "u") where !isBytes:
            number = digits(start + 2, 4, \.isHexadecimal, 16)
            end = start + 6
        case UInt8(ascii: "U") where !isBytes:
            number = digits(start + 2, 8, \.isHexadecimal, 16)
            end = start + 10
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            number = digits(start + 1, 3, { $0 &- 0x30 < 8 }, 8)
            end = start + 4
        default: break
        }
        let span = start..<min(end, source.count)
        guard let number else {
            throw CompileDiagnostic(
                .literal, "an escape that the language does not have",
                help: "write \\\\ for a backslash, or a raw string: r'…'", at: span)
        }
        if isBytes {
            content.append(UInt8(truncatingIfNeeded: number))
        } else if let scalar = UnicodeScalar(number) {
            content += Array(String(Character(scalar)).utf8)
        } else {
            throw CompileDiagnostic(.literal, "an escape that is no Unicode code point", at: span)
        }
        return end
    }
}
