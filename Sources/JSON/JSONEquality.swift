extension JSONNode {
    /// Whether two values are the same however they are spelled: members in any order, `1.50` and `15e-1` alike (RFC 6902
    /// section 4.6). Numbers are compared digit by digit, never through floating point.
    package func isEqual(to other: JSONNode) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .null: return true
        case .bool, .string: return bool == other.bool && text == other.text
        case .number: return Decimal(spelling) == Decimal(other.spelling)
        case .array:
            return count == other.count && zip(elements, other.elements).allSatisfy { $0.isEqual(to: $1) }
        case .object:
            return count == other.count
                && members.allSatisfy { key, value in other[key].map { value.isEqual(to: $0) } ?? false }
        }
    }

    /// A number without what spells it differently.
    private struct Decimal: Equatable {
        var isNegative = false
        /// Without noughts at either end.
        var digits: [UInt8] = []
        /// Of ten, that the digits as a whole number are multiplied with; nil where it is out of all bounds.
        var exponent: Int? = 0

        init(_ spelling: ArraySlice<UInt8>) {
            var places = 0
            var isFraction = false
            var rest = spelling
            while let byte = rest.popFirst() {
                switch byte {
                case 0x2D: isNegative = true
                case 0x2E: isFraction = true
                case 0x45, 0x65:
                    if rest.first == 0x2B { rest.removeFirst() }
                    exponent = Int(String(decoding: rest, as: UTF8.self)).flatMap { abs($0) < 1 << 40 ? $0 : nil }
                    rest = []
                default:
                    digits.append(byte)
                    if isFraction { places += 1 }
                }
            }
            exponent = exponent.map { $0 - places }
            while digits.last == 0x30 {
                digits.removeLast()
                exponent = exponent.map { $0 + 1 }
            }
            digits = Array(digits.drop { $0 == 0x30 })
            if digits.isEmpty {
                isNegative = false
                exponent = 0
            } else if exponent == nil {
                // As written: two such numbers are the same only where they are spelled alike.
                digits = Array(spelling)
            }
        }
    }
}
