/// Finds where HTTP/1.1 messages end, and reads the status; for peers that are known to speak it well.
///
/// No strict reader: the gate's own would take part in its measurement and slow all peers down alike.
struct MessageReader {
    private enum Place {
        case head
        case body(left: Int)
    }

    /// What has been found of the message that is being read.
    enum Step: Equatable {
        case incomplete
        case complete
        /// There is no length: nobody knows where it ends.
        case unmeasured
    }

    private var place = Place.head
    private(set) var status = 0
    /// The sender closes after this one.
    private(set) var isLast = false

    /// Takes what belongs to the message.
    ///
    /// - Parameter hasBody: false for the answer to CONNECT, which has neither length nor body.
    /// - Returns: how many bytes it took, and how it stands.
    mutating func read(_ bytes: Span<UInt8>, hasBody: Bool = true) -> (consumed: Int, step: Step) {
        var consumed = 0
        if case .head = place {
            guard let end = MessageReader.headEnd(bytes) else { return (0, .incomplete) }
            status = MessageReader.status(bytes)
            isLast = false
            var length: Int? = bytes.count > 0 && !MessageReader.isResponse(bytes) ? 0 : nil
            var line = MessageReader.nextLine(bytes, after: 0, end)
            while line < end {
                if let value = MessageReader.value(of: "content-length", in: bytes, at: line) {
                    length = MessageReader.number(bytes, at: value)
                } else if let value = MessageReader.value(of: "connection", in: bytes, at: line) {
                    isLast = value < bytes.count && bytes[value] | 0x20 == UInt8(ascii: "c")
                }
                line = MessageReader.nextLine(bytes, after: line, end)
            }
            consumed = end
            guard hasBody else { return (consumed, .complete) }
            guard let length else { return (consumed, .unmeasured) }
            place = .body(left: length)
        }
        guard case .body(let left) = place else { return (consumed, .incomplete) }
        let taken = min(left, bytes.count - consumed)
        guard taken == left else {
            place = .body(left: left - taken)
            return (consumed + taken, .incomplete)
        }
        place = .head
        return (consumed + taken, .complete)
    }

    // MARK: The head

    /// After the empty line.
    private static func headEnd(_ bytes: Span<UInt8>) -> Int? {
        var index = 3
        while index < bytes.count {
            // The byte says how far the empty line's end may be away.
            switch bytes[index] {
            case 0x0A:
                if bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D { return index + 1 }
                index += 2
            case 0x0D: index += 1
            default: index += 4
            }
        }
        return nil
    }

    private static func isResponse(_ bytes: Span<UInt8>) -> Bool {
        bytes.count > 5 && bytes[0] == UInt8(ascii: "H") && bytes[4] == UInt8(ascii: "/")
    }

    /// `HTTP/1.1 200`: the digits are at one place.
    private static func status(_ bytes: Span<UInt8>) -> Int {
        guard isResponse(bytes), bytes.count > 11 else { return 0 }
        return number(bytes, at: 9) ?? 0
    }

    private static func nextLine(_ bytes: Span<UInt8>, after start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, bytes[index] != 0x0A { index += 1 }
        return index + 1
    }

    /// Where the value begins, if the field at `start` has this name (in lower case).
    private static func value(of name: StaticString, in bytes: Span<UInt8>, at start: Int) -> Int? {
        let count = name.utf8CodeUnitCount
        guard start + count < bytes.count, bytes[start + count] == UInt8(ascii: ":") else { return nil }
        for index in 0..<count where bytes[start + index] | 0x20 != name.utf8Start[index] { return nil }
        var index = start + count + 1
        while index < bytes.count, bytes[index] == 0x20 { index += 1 }
        return index
    }

    private static func number(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        var value = 0
        var index = start
        while index < bytes.count, index < start + 12, case 0x30...0x39 = bytes[index] {
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        return index > start ? value : nil
    }
}
