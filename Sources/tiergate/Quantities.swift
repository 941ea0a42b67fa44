/// A number of bytes as people write it: `64 MiB`, `512 KiB`, `1000`.
enum Size {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    static func parse(_ text: String) -> Int? {
        guard let (number, unit) = numberAndUnit(text) else { return nil }
        if unit.isEmpty { return number }
        guard let bytes = units.first(where: { $0.name == unit })?.bytes else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: bytes)
        return overflows ? nil : product
    }

    static func spelling(_ bytes: Int) -> String {
        let unit = units.first { bytes >= $0.bytes && bytes % $0.bytes == 0 } ?? ("B", 1)
        return "\(bytes / unit.bytes) \(unit.name)"
    }
}

/// A span of time as people write it: `4 s`, `30m`, `500 ms`; in milliseconds.
enum TimeSpan {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    static func parse(_ text: String) -> Int64? {
        guard let (number, unit) = numberAndUnit(text),
            let milliseconds = units.first(where: { $0.name == unit })?.milliseconds
        else { return nil }
        let (product, overflows) = Int64(number).multipliedReportingOverflow(by: milliseconds)
        return overflows ? nil : product
    }

    static func spelling(_ milliseconds: Int64) -> String {
        let unit =
            units.first { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
        return "\(milliseconds / unit.milliseconds) \(unit.name)"
    }
}

/// `64 MiB` is 64 and `MiB`.
private func numberAndUnit(_ text: String) -> (Int, String)? {
    let digits = text.utf8.prefix { $0 &- 0x30 < 10 }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    let rest = text.utf8.dropFirst(digits.count)
    return (number, String(decoding: rest.drop { $0 == 0x20 }, as: UTF8.self))
}
