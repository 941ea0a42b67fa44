import Calls
import JSON

/// Which hosts a rule is for.
///
/// `api.stripe.com` is that host; `*` in place of a label is any one label (`ec2.*.amazonaws.com`); a leading `**` is
/// any number of labels, none included (`**.acme.com` is `acme.com` and all below it); `*` alone is every host. An IP
/// address is one label, so that no pattern of names fits it by chance.
struct HostPattern: Hashable, Sendable {
    static let labelLimit = 32

    enum Label: Hashable, Sendable {
        case literal(Text)
        case any
    }

    /// From the right: `com`, `stripe`, `api`.
    let labels: [Label]
    /// Any number of labels may stand to the left.
    let isOpen: Bool
    let spelling: Text

    static let every = HostPattern(labels: [], isOpen: true, spelling: "*")

    /// The name without its leading `**.`, in small letters; nil where a label inside is open.
    var plainName: Text? {
        guard !labels.isEmpty, !labels.contains(.any) else { return nil }
        let name = spelling.asciiLowercased
        return name.hasPrefix("**.") ? Text(utf8: name.utf8.dropFirst(3)) : name
    }

    /// The pattern, or what is wrong with the text.
    static func parse(_ text: Text) -> Result<HostPattern, Malformed> {
        if text == "*" { return .success(.every) }
        if isIPv6(text) || isIPv4(text) {
            return .success(HostPattern(labels: [.literal(text.asciiLowercased)], isOpen: false, spelling: text))
        }
        var parts = text.asciiLowercased.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        let isOpen = parts.first?.elementsEqual("**".utf8) == true
        if isOpen { parts.removeFirst() }
        guard !parts.isEmpty, parts.count <= labelLimit else { return .failure(Malformed("it has no name", help: nil)) }
        var labels: [Label] = []
        for part in parts.reversed() {
            if part.elementsEqual("*".utf8) {
                labels.append(.any)
                continue
            }
            guard !part.isEmpty else {
                return .failure(Malformed("an empty label", help: "write it without dots at the ends"))
            }
            guard part.allSatisfy(isNameByte), let label = Text(utf8: part) else {
                return .failure(
                    Malformed("\(visible(String(decoding: part, as: UTF8.self))) is no label", help: helpText))
            }
            labels.append(.literal(label))
        }
        return .success(HostPattern(labels: labels, isOpen: isOpen, spelling: text))
    }

    func matches(_ host: [Text]) -> Bool {
        guard isOpen ? host.count >= labels.count : host.count == labels.count else { return false }
        return zip(labels, host).allSatisfy { label, part in
            switch label {
            case .literal(let text): text == part
            case .any: true
            }
        }
    }

    /// A host as patterns see it: its labels from the right, an address as one.
    static func labels(of authority: Authority) -> [Text] {
        guard !authority.isLiteral else { return [authority.host] }
        return authority.host.utf8.split(separator: 0x2E, omittingEmptySubsequences: false).reversed()
            .compactMap { Text(utf8: $0) }
    }

    private static let helpText = """
        a host is a name in ASCII without scheme, port or path; * stands for a whole label, ** for the labels to the left
        """

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Near enough: what is no address matches no host.
    private static func isIPv6(_ text: Text) -> Bool {
        text.utf8.filter { $0 == 0x3A }.count >= 2
            && text.asciiLowercased.utf8.allSatisfy { $0 &- 0x30 <= 10 || $0 &- 0x61 < 6 || $0 == 0x2E }
    }

    private static func isIPv4(_ text: Text) -> Bool {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 &- 0x30 < 10 } }
    }
}

/// Why a text is not what it should be.
struct Malformed: Error {
    let message: String
    let help: String?

    init(_ message: String, help: String?) {
        self.message = message
        self.help = help
    }
}
