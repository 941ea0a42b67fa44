/// Durations as they are written: `1h30m`, `-1.5s`.
enum DurationText {
    /// Decimal seconds.
    static func write(_ nanoseconds: Int64) -> [UInt8] {
        let magnitude = nanoseconds.magnitude
        let (seconds, rest) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var text = (nanoseconds < 0 ? "-" : "") + String(seconds)
        if rest > 0 {
            let digits = String(rest)
            var fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return Array((text + "s").utf8)
    }

    enum Refusal: Error { case malformed, outOfRange }

    static func read(_ text: ByteString) throws(Refusal) -> Int64 {
        var bytes = text.slice
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.elementsEqual([0x30]) { return 0 }
        guard !bytes.isEmpty else { throw .malformed }
        var total: Int64 = 0
        while !bytes.isEmpty {
            let whole = bytes.prefix(while: \.isDigit)
            bytes = bytes.dropFirst(whole.count)
            var fraction = bytes.prefix(0)
            if bytes.first == UInt8(ascii: ".") {
                fraction = bytes.dropFirst().prefix(while: \.isDigit)
                bytes = bytes.dropFirst(fraction.count + 1)
            }
            guard !whole.isEmpty || !fraction.isEmpty else { throw .malformed }
            let name = bytes.prefix { !$0.isDigit && $0 != UInt8(ascii: ".") }
            bytes = bytes.dropFirst(name.count)
            guard let unit = units[String(decoding: name, as: UTF8.self)] else { throw .malformed }
            var part: Int64 = 0
            for digit in whole {
                let (product, first) = part.multipliedReportingOverflow(by: 10)
                let (sum, second) = product.addingReportingOverflow(Int64(digit - 0x30))
                guard !first, !second else { throw .outOfRange }
                part = sum
            }
            let (product, first) = part.multipliedReportingOverflow(by: unit)
            guard !first else { throw .outOfRange }
            // Digits below a nanosecond are left out.
            var (scale, behind) = (unit, Int64(0))
            for digit in fraction where scale > 0 {
                behind += Int64(digit - 0x30) * scale / 10
                scale /= 10
            }
            let (sum, second) = product.addingReportingOverflow(behind)
            let (next, third) = total.addingReportingOverflow(sum)
            guard !second, !third else { throw .outOfRange }
            total = next
        }
        return isNegative ? -total : total
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]
}
