import JSON

/// What clocks show somewhere: an offset from UTC that changes with the time (TZif, RFC 9636).
struct TimeZone: Sendable {
    /// Points in time from which the offset of the same place holds.
    private var transitions: [Int64] = []
    private var offsets: [Int32] = []
    /// Before the first one.
    private var first: Int32 = 0
    /// After the last one.
    private var rule: ZoneRule?

    static let utc = TimeZone(offset: 0)

    private init(offset: Int32) { first = offset }

    /// `UTC`, an offset as `+02:00` or `02:00`, or a name that `files` has a file for.
    init?(named name: ByteString, files: (Text) -> [UInt8]?) {
        let text = name.text
        if text.isEmpty || text == "UTC" || text == "Z" {
            self = .utc
        } else if let offset = Self.offset(name) {
            self.init(offset: offset)
        } else {
            // A name is not a way out of the directory of the zones.
            guard name.count <= 64, !text.hasPrefix("/"), !text.string.contains(".."),
                text.utf8.allSatisfy({ $0.isIdentifierStart || $0.isDigit || [0x2F, 0x2B, 0x2D].contains($0) }),
                let file = files(text)
            else { return nil }
            self.init(file: file)
        }
    }

    private static func offset(_ text: ByteString) -> Int32? {
        let hasSign = !text.isEmpty && (text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"))
        let digits = text.slice.dropFirst(hasSign ? 1 : 0)
        guard digits.count == 5, digits[digits.startIndex + 2] == 0x3A else { return nil }
        let numbers = digits.split(separator: 0x3A).map { Int32(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 2, digits.allSatisfy({ $0.isDigit || $0 == 0x3A }), let hours = numbers[0],
            let minutes = numbers[1], hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (text[0] == UInt8(ascii: "-") ? -60 : 60)
    }

    func offset(at seconds: Int64) -> Int32 {
        guard let last = transitions.last, seconds >= transitions[0] else {
            return transitions.isEmpty ? rule?.offset(at: seconds) ?? first : first
        }
        if seconds >= last, let rule { return rule.offset(at: seconds) }
        var (low, high) = (0, transitions.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if transitions[middle] <= seconds { low = middle } else { high = middle - 1 }
        }
        return offsets[low]
    }

    // MARK: Files

    /// A file larger than this is none.
    private static let limit = 64 << 10

    init?(file: [UInt8]) {
        guard file.count <= Self.limit, let narrow = Header(file, at: 0) else { return nil }
        var header = narrow
        var width = 4
        if narrow.version >= UInt8(ascii: "2") {
            guard let wide = Header(file, at: narrow.end(width: 4)) else { return nil }
            header = wide
            width = 8
        }
        let end = header.end(width: width)
        guard end <= file.count else { return nil }
        let indices = header.start + header.times * width
        let types = indices + header.times
        func type(_ index: Int) -> Int32? {
            guard index < header.types else { return nil }
            return Int32(truncatingIfNeeded: Self.number(file, types + index * 6, 4))
        }
        guard let first = type(0) else { return nil }
        self.first = first
        for index in 0..<header.times {
            guard let offset = type(Int(file[indices + index])) else { return nil }
            let time = Self.number(file, header.start + index * width, width)
            guard transitions.last.map({ $0 < time }) ?? true else { return nil }
            transitions.append(time)
            offsets.append(offset)
        }
        if width == 8, file.count > end + 1, file[end] == 0x0A {
            let footer = file[(end + 1)...].prefix { $0 != 0x0A }
            if !footer.isEmpty {
                guard let rule = ZoneRule(footer) else { return nil }
                self.rule = rule
            }
        }
    }

    private struct Header {
        let version: UInt8
        let start: Int
        let times: Int
        let types: Int
        /// Bytes of what comes after the transitions and types, with the width of leap seconds left out.
        private let rest: Int
        private let leaps: Int

        init?(_ file: [UInt8], at offset: Int) {
            guard offset >= 0, offset + 44 <= file.count, file[offset..<offset + 4].elementsEqual("TZif".utf8) else {
                return nil
            }
            func count(_ place: Int) -> Int { Int(TimeZone.number(file, offset + 20 + place * 4, 4)) }
            let counts = (0..<6).map(count)
            guard counts.allSatisfy({ $0 >= 0 && $0 <= TimeZone.limit }), counts[4] > 0 else { return nil }
            version = file[offset + 4]
            start = offset + 44
            leaps = counts[2]
            times = counts[3]
            types = counts[4]
            rest = counts[5] + counts[1] + counts[0]
        }

        func end(width: Int) -> Int { start + times * (width + 1) + types * 6 + rest + leaps * (width + 4) }
    }

    private static func number(_ file: [UInt8], _ start: Int, _ width: Int) -> Int64 {
        guard start >= 0, start + width <= file.count else { return -1 }
        var bits: UInt64 = 0
        for byte in file[start..<start + width] { bits = bits << 8 | UInt64(byte) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
    }
}
