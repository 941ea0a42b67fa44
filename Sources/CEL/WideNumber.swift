/// A number of any length, for the digits of a double: at most 1074 bits behind the point.
struct WideNumber {
    /// In base 10⁹, the lowest first.
    private var parts: [UInt32]

    init(_ number: UInt64) {
        parts = []
        var rest = number
        while rest > 0 {
            parts.append(UInt32(rest % 1_000_000_000))
            rest /= 1_000_000_000
        }
    }

    mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for index in parts.indices {
            let product = UInt64(parts[index]) * factor + carry
            parts[index] = UInt32(product % 1_000_000_000)
            carry = product / 1_000_000_000
        }
        if carry > 0 { parts.append(UInt32(carry)) }
    }

    var digits: [UInt8] {
        var text = ""
        for (place, part) in parts.reversed().enumerated() {
            let digits = String(part)
            text += place == 0 ? digits : String(repeating: "0", count: 9 - digits.utf8.count) + digits
        }
        return Array(text.utf8)
    }
}
