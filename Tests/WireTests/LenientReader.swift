/// A reader of HTTP/1.1 as careless as some are: each option is something that a server or proxy in use has done.
struct LenientReader {
    struct Habits: OptionSet, CaseIterable {
        let rawValue: Int

        static let bareFeeds = Habits(rawValue: 1 << 0)
        static let bareReturns = Habits(rawValue: 1 << 1)
        /// Blanks and control bytes around names mean nothing.
        static let trimsNames = Habits(rawValue: 1 << 2)
        static let underscores = Habits(rawValue: 1 << 3)
        static let joinsFolds = Habits(rawValue: 1 << 4)
        static let lastWins = Habits(rawValue: 1 << 5)
        static let lengthBeforeChunks = Habits(rawValue: 1 << 6)
        /// `chunked` anywhere in the value will do.
        static let findsChunked = Habits(rawValue: 1 << 7)
        static let cutsAtNUL = Habits(rawValue: 1 << 8)

        static var allCases: [Habits] { (0..<1 << 9).map(Habits.init) }
    }

    struct Request: Equatable {
        var line = ""
        var host = ""
        var body: [UInt8] = []
    }

    let habits: Habits

    /// Every request that this reader finds in the bytes.
    func read(_ bytes: [UInt8]) -> [Request] {
        var rest = bytes[...]
        var found: [Request] = []
        while !rest.isEmpty, found.count < 10 {
            guard let head = head(&rest) else { return found + [Request(line: "unread")] }
            found.append(Request(line: head.line, host: head.host, body: body(head, &rest)))
        }
        return found
    }

    private struct Head {
        var line = ""
        var host = ""
        var length: String?
        var coding: String?
    }

    private func head(_ rest: inout ArraySlice<UInt8>) -> Head? {
        var head = Head()
        var lines: [String] = []
        while true {
            guard let line = line(&rest) else { return nil }
            if line.isEmpty { break }
            if habits.contains(.joinsFolds), let first = line.first, first == " " || first == "\t", !lines.isEmpty {
                lines[lines.count - 1] += line
            } else {
                lines.append(line)
            }
        }
        head.line = lines.first ?? ""
        for line in lines.dropFirst() { note(line, in: &head) }
        return head
    }

    private func note(_ line: String, in head: inout Head) {
        let scalars = line.unicodeScalars
        guard let colon = scalars.firstIndex(of: ":") else { return }
        var name = String(scalars[..<colon]).lowercased()
        if habits.contains(.trimsNames) {
            name = String(name.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F })
        }
        if habits.contains(.underscores) { name = name.replacing("_", with: "-") }
        var value = scalars[scalars.index(after: colon)...]
        if habits.contains(.cutsAtNUL) { value = value.prefix { $0.value != 0 } }
        let text = String(value.drop { $0 == " " || $0 == "\t" })
        switch name {
        case "host": if head.host.isEmpty || habits.contains(.lastWins) { head.host = text }
        case "content-length": if head.length == nil || habits.contains(.lastWins) { head.length = text }
        case "transfer-encoding": if head.coding == nil || habits.contains(.lastWins) { head.coding = text }
        default: return
        }
    }

    private func line(_ rest: inout ArraySlice<UInt8>) -> String? {
        var line: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x0D, rest.first == 0x0A {
                rest.removeFirst()
                return latin(line)
            }
            if byte == 0x0A, habits.contains(.bareFeeds) { return latin(line) }
            if byte == 0x0D, habits.contains(.bareReturns) { return latin(line) }
            line.append(byte)
        }
        return nil
    }

    private func latin(_ bytes: [UInt8]) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: bytes.map { Unicode.Scalar($0) })
        return text
    }

    private func body(_ head: Head, _ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        let isChunked = head.coding.map {
            habits.contains(.findsChunked) ? $0.lowercased().contains("chunked") : $0 == "chunked"
        }
        if isChunked == true, head.length == nil || !habits.contains(.lengthBeforeChunks) { return chunks(&rest) }
        // As C's routine: what follows the digits is nothing.
        let length = Int(head.length?.prefix { $0.isASCII && $0.isNumber } ?? "") ?? 0
        let body = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        return body
    }

    private func chunks(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        var body: [UInt8] = []
        while let line = line(&rest), let size = Int(line.prefix { $0.isHexDigit }, radix: 16), size > 0 {
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            _ = self.line(&rest)
        }
        _ = line(&rest)
        return body
    }
}
