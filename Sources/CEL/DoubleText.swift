/// Doubles to text and back, digit by digit: rounding is of the exact value, halves to even.
enum DoubleText {
    /// With an exponent where plain digits would be long: below 0.0001, and from 10²¹.
    static func general(_ double: Double) -> [UInt8] {
        if let special = special(double) { return special }
        let (digits, point) = shortest(double.magnitude)
        let sign: [UInt8] = double.sign == .minus ? [UInt8(ascii: "-")] : []
        if point < -3 || point > 21 { return sign + exponential(digits, point) }
        return sign + positional(digits, point)
    }

    /// All digits that are needed, never an exponent.
    static func plain(_ double: Double) -> [UInt8] {
        if let special = special(double) { return special }
        let (digits, point) = shortest(double.magnitude)
        return (double.sign == .minus ? [UInt8(ascii: "-")] : []) + positional(digits, point)
    }

    static func fixed(_ double: Double, _ precision: Int) -> [UInt8] {
        if let special = special(double) { return special }
        var (digits, point) = exact(double.magnitude)
        round(&digits, &point, to: point + precision)
        var text = positional(digits, point)
        if let dot = text.firstIndex(of: UInt8(ascii: ".")) {
            text += Array(repeating: 0x30, count: max(0, precision - (text.count - dot - 1)))
        } else if precision > 0 {
            text += [UInt8(ascii: ".")] + Array(repeating: 0x30, count: precision)
        }
        return (double.sign == .minus ? [UInt8(ascii: "-")] : []) + text
    }

    static func scientific(_ double: Double, _ precision: Int) -> [UInt8] {
        if let special = special(double) { return special }
        var (digits, point) = exact(double.magnitude)
        round(&digits, &point, to: precision + 1)
        if digits.isEmpty { point = 1 }
        digits += Array(repeating: 0x30, count: max(0, precision + 1 - digits.count))
        return (double.sign == .minus ? [UInt8(ascii: "-")] : []) + exponential(digits, point)
    }

    /// What the language's own notation, `NaN` and `Infinity` say; nil for everything else and beyond the range.
    static func read(_ text: ByteString) -> Double? {
        var bytes = text.slice
        if bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") { bytes = bytes.dropFirst() }
        let isNegative = text.slice.first == UInt8(ascii: "-")
        switch String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self) {
        case "nan": return .nan
        case "inf", "infinity": return isNegative ? -.infinity : .infinity
        default: break
        }
        var isAfterPoint = false
        var hasDigits = false
        var index = bytes.startIndex
        while index < bytes.endIndex, bytes[index].isDigit || bytes[index] == UInt8(ascii: ".") && !isAfterPoint {
            if bytes[index].isDigit { hasDigits = true } else { isAfterPoint = true }
            index += 1
        }
        guard hasDigits else { return nil }
        if index < bytes.endIndex {
            guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
            var exponent = bytes[(index + 1)...]
            if let sign = exponent.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                exponent = exponent.dropFirst()
            }
            guard !exponent.isEmpty, exponent.allSatisfy(\.isDigit) else { return nil }
        }
        // Swift wants a digit on both sides of the point.
        var spelling = String(decoding: bytes, as: UTF8.self)
        if spelling.hasPrefix(".") { spelling = "0" + spelling }
        if let point = spelling.utf8.firstIndex(of: UInt8(ascii: ".")) {
            let next = spelling.utf8.index(after: point)
            if next == spelling.endIndex || !spelling.utf8[next].isDigit { spelling.insert("0", at: next) }
        }
        guard let magnitude = Double(spelling), magnitude.isFinite else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    private static func special(_ double: Double) -> [UInt8]? {
        if double.isNaN { return Array("NaN".utf8) }
        if double.isInfinite { return Array((double < 0 ? "-Infinity" : "Infinity").utf8) }
        return nil
    }

    // MARK: Digits

    /// The fewest digits that are this double and no other, and where the point is: 0.d₁d₂… × 10^point.
    private static func shortest(_ magnitude: Double) -> (digits: [UInt8], point: Int) {
        let text = Array(magnitude.description.utf8)
        let mark = text.firstIndex(of: UInt8(ascii: "e"))
        let mantissa = text[..<(mark ?? text.count)]
        let exponent = mark.flatMap { Int(String(decoding: text[($0 + 1)...], as: UTF8.self)) } ?? 0
        let whole = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.count
        return normalised(mantissa.filter { $0 != UInt8(ascii: ".") }, whole + exponent)
    }

    /// Every digit of the value: it is mantissa × 2ⁿ, and 2⁻ⁿ is 5ⁿ / 10ⁿ.
    private static func exact(_ magnitude: Double) -> (digits: [UInt8], point: Int) {
        guard magnitude > 0 else { return ([], 0) }
        let isNormal = magnitude.exponentBitPattern > 0
        let mantissa = magnitude.significandBitPattern | (isNormal ? 1 << 52 : 0)
        let exponent = Int(isNormal ? magnitude.exponentBitPattern : 1) - 1075
        var number = WideNumber(mantissa)
        for _ in 0..<abs(exponent) { number.multiply(by: exponent > 0 ? 2 : 5) }
        let digits = number.digits
        return normalised(digits, exponent < 0 ? digits.count + exponent : digits.count)
    }

    private static func normalised(_ digits: [UInt8], _ point: Int) -> (digits: [UInt8], point: Int) {
        let leading = digits.prefix { $0 == 0x30 }.count
        var digits = Array(digits.dropFirst(leading))
        while digits.last == 0x30 { digits.removeLast() }
        return (digits, digits.isEmpty ? 0 : point - leading)
    }

    /// Keeps so many digits, halves to even.
    private static func round(_ digits: inout [UInt8], _ point: inout Int, to count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            (digits, point) = ([], 0)
            return
        }
        let isHalf = digits[count] == 0x35 && count + 1 == digits.count
        let isOdd = count > 0 && digits[count - 1] & 1 == 1
        let roundsUp = isHalf ? isOdd : digits[count] >= 0x35
        digits.removeSubrange(count...)
        guard roundsUp else {
            (digits, point) = normalised(digits, point)
            return
        }
        var index = count
        while index > 0 {
            index -= 1
            if digits[index] < 0x39 {
                digits[index] += 1
                (digits, point) = normalised(digits, point)
                return
            }
            digits[index] = 0x30
        }
        (digits, point) = normalised([0x31] + digits, point + 1)
    }

    private static func positional(_ digits: [UInt8], _ point: Int) -> [UInt8] {
        guard !digits.isEmpty else { return [0x30] }
        if point <= 0 { return [0x30, 0x2E] + Array(repeating: 0x30, count: -point) + digits }
        if point >= digits.count { return digits + Array(repeating: 0x30, count: point - digits.count) }
        return digits[..<point] + [0x2E] + digits[point...]
    }

    private static func exponential(_ digits: [UInt8], _ point: Int) -> [UInt8] {
        let exponent = point - 1
        let number = String(abs(exponent))
        var text = [digits.first ?? 0x30]
        if digits.count > 1 { text += [0x2E] + digits[1...] }
        return text + Array("e\(exponent < 0 ? "-" : "+")\(number.utf8.count < 2 ? "0" : "")\(number)".utf8)
    }
}
