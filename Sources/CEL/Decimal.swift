/// A decimal fraction, exact in all its digits: amounts of money, and tokens that have more than 64 bits.
struct Decimal: Hashable, Sendable {
    /// Nought is never negative.
    private let isNegative: Bool
    /// From 0 to 9, the highest first and not nought.
    private let digits: [UInt8]
    /// How many of the digits are behind the point; the last of these is not nought.
    private let scale: Int

    /// Digits of a number.
    static let limit = 200

    private init?(isNegative: Bool, digits: [UInt8], scale: Int) {
        var digits = Array(digits.drop { $0 == 0 })
        var scale = scale
        while scale > 0, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
        if digits.isEmpty { scale = 0 }
        guard digits.count <= Self.limit, scale <= Self.limit else { return nil }
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.scale = scale
    }

    /// `-12.50`: no exponent, no separators, no blanks; a digit on both sides of a point.
    init?(_ text: ByteString) {
        let isNegative = text.slice.first == UInt8(ascii: "-")
        let parts = text.slice.dropFirst(isNegative ? 1 : 0)
            .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard 1...2 ~= parts.count, text.count <= 2 * Self.limit,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) })
        else { return nil }
        self.init(
            isNegative: isNegative, digits: parts.flatMap { $0.map { $0 - 0x30 } },
            scale: parts.count == 2 ? parts[1].count : 0)
    }

    var negated: Decimal { Decimal(isNegative: !isNegative, digits: digits, scale: scale) ?? self }

    /// The value where it is an integer of 64 bits.
    var integer: Int64? { scale == 0 ? Int64(description) : nil }

    /// Less than nought, nought or greater, as this is compared with the other.
    func compare(_ other: Decimal) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let (a, b) = Self.aligned(self, other)
        let order = a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
        return isNegative ? -order : order
    }

    /// Nil where the sum has too many digits.
    func adding(_ other: Decimal) -> Decimal? {
        let (a, b) = Self.aligned(self, other)
        let scale = max(scale, other.scale)
        if isNegative == other.isNegative {
            return Decimal(isNegative: isNegative, digits: Self.sum(a, b), scale: scale)
        }
        let isLess = a.lexicographicallyPrecedes(b)
        return Decimal(
            isNegative: isLess ? other.isNegative : isNegative,
            digits: isLess ? Self.difference(b, a) : Self.difference(a, b), scale: scale)
    }

    /// Both with as many digits before and behind the point.
    private static func aligned(_ a: Decimal, _ b: Decimal) -> ([UInt8], [UInt8]) {
        let scale = max(a.scale, b.scale)
        let left = a.digits + Array(repeating: 0, count: scale - a.scale)
        let right = b.digits + Array(repeating: 0, count: scale - b.scale)
        let width = max(left.count, right.count)
        return (
            Array(repeating: 0, count: width - left.count) + left,
            Array(repeating: 0, count: width - right.count) + right
        )
    }

    private static func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var carry: UInt8 = 0
        for (x, y) in zip(a.reversed(), b.reversed()) {
            let sum = x + y + carry
            result.append(sum % 10)
            carry = sum / 10
        }
        return [carry] + result.reversed()
    }

    /// Of a number that is not less than the other.
    private static func difference(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var borrow: UInt8 = 0
        for (x, y) in zip(a.reversed(), b.reversed()) {
            let needed = y + borrow
            borrow = x < needed ? 1 : 0
            result.append(x + 10 * borrow - needed)
        }
        return result.reversed()
    }
}

extension Decimal: CustomStringConvertible {
    var description: String {
        var text = digits.map { $0 + 0x30 }
        if text.count <= scale { text = Array(repeating: 0x30, count: scale - text.count + 1) + text }
        if scale > 0 { text.insert(UInt8(ascii: "."), at: text.count - scale) }
        return (isNegative ? "-" : "") + String(decoding: text, as: UTF8.self)
    }
}
