import CEL
import JSON

/// A sum in the smallest unit of its currency; exact, never negative.
struct Money: Hashable, Sendable, CustomStringConvertible {
    let minor: UInt64
    let currency: Currency

    /// Digits only: no sign, point, separator, exponent, blank or leading zero, because each of those is read in more
    /// than one way by somebody.
    static func minor(_ text: Text) -> UInt64? {
        let digits = text.utf8
        guard let first = digits.first, digits.allSatisfy({ $0 &- 0x30 < 10 }), first != 0x30 || digits.count == 1
        else { return nil }
        return UInt64(text.string)
    }

    /// A decimal with a point as `9.99`, and no more digits after it than the currency has.
    static func major(_ text: Text, _ currency: Currency) -> UInt64? {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 2 && (1...max(1, currency.exponent)).contains(parts[1].count) else {
            return nil
        }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard fraction.count <= currency.exponent, fraction.allSatisfy({ $0 &- 0x30 < 10 }),
            let wholeText = Text(utf8: parts[0]), minor(wholeText) != nil
        else { return nil }
        let padded = fraction + repeatElement(0x30, count: currency.exponent - fraction.count)
        return UInt64(String(decoding: Array(parts[0]) + padded, as: UTF8.self))
    }

    /// A number of a document, which a reader has made a double of: the shortest decimal that is the same double.
    static func major(_ number: Double, _ currency: Currency) -> UInt64? {
        var text = number.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        return major(Text(text), currency)
    }

    /// As a threshold is written: `100 USD` or `99.50 EUR`.
    init?(_ text: Text) {
        let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, let amount = Text(utf8: parts[0]), let code = Text(utf8: parts[1]),
            let currency = Currency(code), let minor = Money.major(amount, currency)
        else { return nil }
        self.init(minor: minor, currency: currency)
    }

    init(minor: UInt64, currency: Currency) {
        self.minor = minor
        self.currency = currency
    }

    /// `25.00 USD`, `2500 JPY`.
    var description: String { currency.text(minor: minor) }
}
