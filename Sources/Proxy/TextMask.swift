import Calls
import JSON

/// Takes secrets out of text that has no reading: what stands behind a secret's name (`password: …`, `?token=…`), what
/// begins as a vendor's keys do, private keys, and passwords in URLs.
struct TextMask {
    let placeholder: SecretPlaceholder

    /// A vendor's key is longer.
    private static let shortestKey = 16
    /// Values behind a secret's name from here on.
    private static let shortestValue = 4

    func masked(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == 0x2D, let end = Self.privateKey(text, at: index) {
                out += placeholder.bytes(for: text[index..<end])
                index = end
                continue
            }
            guard Self.isKey(text[index]) else {
                if text[index...].starts(with: Self.scheme), let end = Self.userInfo(text, at: index) {
                    out += Self.scheme + placeholder.bytes(for: text[(index + 3)..<end])
                    index = end
                } else {
                    out.append(text[index])
                    index += 1
                }
                continue
            }
            let end = text[index...].firstIndex { !Self.isKey($0) } ?? text.endIndex
            let run = text[index..<end]
            if run.count >= Self.shortestKey, Self.isVendors(run) {
                out += placeholder.bytes(for: run)
                index = end
            } else if let value = Self.value(behind: run, text) {
                out += text[index..<value.lowerBound]
                out += placeholder.bytes(for: text[value])
                index = value.upperBound
            } else {
                out += run
                index = end
            }
        }
        return out
    }

    private static let scheme = Array("://".utf8)

    private static func isKey(_ byte: UInt8) -> Bool { SecretPlaceholder.isWord(byte) || byte == 0x2D || byte == 0x2E }

    private static func isVendors(_ run: ArraySlice<UInt8>) -> Bool {
        let beginning = SecretPlaceholder.beginning(of: run)
        guard beginning > 0, !run.dropFirst(beginning).starts(with: SecretPlaceholder.word) else { return false }
        // Words with hyphens begin as some keys do (`sk-learn-contrib-packages`): a key has digits, or both cases.
        let rest = run.dropFirst(beginning)
        return rest.contains { $0 &- 0x30 < 10 }
            || rest.contains { $0 &- 0x41 < 26 } && rest.contains { $0 &- 0x61 < 26 }
    }

    /// Where the value of a secret's name lies; nil where the word is none, or nothing stands behind it.
    private static func value(behind name: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Range<Int>? {
        var index = name.endIndex
        func skip(_ isSkipped: (UInt8) -> Bool) {
            while index < text.endIndex, isSkipped(text[index]) { index += 1 }
        }
        let isMark: (UInt8) -> Bool = { $0 == 0x5C || $0 == 0x22 || $0 == 0x27 || $0 == 0x20 }
        skip(isMark)
        guard index < text.endIndex, text[index] == 0x3A || text[index] == 0x3D,
            let word = Text(utf8: name), SecretNames.hides(word, isInBody: true)
        else { return nil }
        index += 1
        skip(isMark)
        for scheme in schemes where isPrefixed(text[index...], scheme) { index += scheme.utf8.count }
        let start = index
        skip { $0 > 0x20 && $0 != 0x7F && !endings.contains($0) }
        guard index - start >= shortestValue, !text[start..<index].starts(with: SecretPlaceholder.word) else {
            return nil
        }
        return start..<index
    }

    private static let schemes = ["bearer ", "basic ", "token "]
    /// What ends a value: quotes, escapes, and what separates values.
    private static let endings = Set("\"'\\,;&)]}<>".utf8)

    private static func isPrefixed(_ text: ArraySlice<UInt8>, _ prefix: String) -> Bool {
        text.count >= prefix.utf8.count && zip(text, prefix.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    /// The end of `-----BEGIN … PRIVATE KEY-----…-----END … KEY-----`, or of what there is of it.
    private static func privateKey(_ text: ArraySlice<UInt8>, at start: Int) -> Int? {
        let opening = Array("-----BEGIN ".utf8)
        guard text[start...].starts(with: opening) else { return nil }
        let name = text[(start + opening.count)...].prefix { $0 != 0x2D }.prefix(40)
        guard name.suffix(11).elementsEqual("PRIVATE KEY".utf8) else { return nil }
        let closing = Array("-----END ".utf8)
        var index = name.endIndex
        while index < text.endIndex, !text[index...].starts(with: closing) { index += 1 }
        // The closing line's own name and hyphens.
        return min(text.endIndex, index + (index < text.endIndex ? closing.count + name.count + 5 : 0))
    }

    /// The end of `user:password` before `@`; nil where the authority has none.
    private static func userInfo(_ text: ArraySlice<UInt8>, at start: Int) -> Int? {
        let authority = text[(start + 3)...].prefix(512).prefix {
            $0 > 0x20 && $0 != 0x2F && $0 != 0x3F && $0 != 0x23 && !endings.contains($0)
        }
        guard let at = authority.lastIndex(of: 0x40), authority[..<at].contains(0x3A) else { return nil }
        return at
    }
}
