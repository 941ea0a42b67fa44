import Calls
import JSON

extension PackReader {
    mutating func tier(_ node: YAMLNode?, _ what: String) -> Tier? {
        guard let node, let text = yaml.text(node, what) else { return nil }
        if let tier = Tier(word: text.string) { return tier }
        let words = Tier.allCases.map(\.name)
        yaml.report(
            .badValue, "\(what) cannot be \(visible(text.string))", at: node.span,
            help: suggestion(for: text.string, among: words).map { "did you mean \($0)?" }
                ?? "it is 1 to 4, or one of \(words.joined(separator: ", "))")
        return nil
    }

    /// Small letters, digits, dots, dashes and underscores: what reads the same in a file, a URL and a terminal.
    mutating func name(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node, let text = yaml.text(node, what) else { return nil }
        let isName = text.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || ".-_".utf8.contains($0) }
        guard isName, !text.isEmpty, text.utf8.count <= 128 else {
            yaml.report(
                .badName, "\(what) cannot be \(visible(text.string, limit: 64))", at: node.span,
                help: "small letters, digits, dots, dashes and underscores, 128 at most")
            return nil
        }
        return text.string
    }

    mutating func names(_ node: YAMLNode?, _ what: String) -> [String]? {
        guard let nodes = yaml.list(node, what) else { return nil }
        return nodes.compactMap { name($0, "a name in \(what)") }
    }

    static func headerName(_ node: YAMLNode?, _ yaml: inout YAMLReader) -> String? {
        guard let node, let text = yaml.text(node, "a header's name") else { return nil }
        // RFC 9110 section 5.6.2.
        let isToken = text.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
        guard isToken, !text.isEmpty else {
            yaml.report(.badName, "\(visible(text.string)) is no name of a header", at: node.span)
            return nil
        }
        return text.string
    }

    /// `90s`, `30m`, `8h`, `2d`.
    mutating func duration(_ node: YAMLNode?, _ what: String) -> Interval? {
        guard let node, let text = yaml.text(node, what) else { return nil }
        let units: [UInt8: Interval] = [
            UInt8(ascii: "s"): .seconds(1), UInt8(ascii: "m"): .minutes(1), UInt8(ascii: "h"): .hours(1),
            UInt8(ascii: "d"): .days(1),
        ]
        let digits = text.utf8.dropLast()
        if let unit = text.utf8.last.flatMap({ units[$0] }), (1...6).contains(digits.count),
            digits.allSatisfy({ $0 &- 0x30 < 10 }), digits.first != 0x30
        {
            let count = digits.reduce(0) { $0 * 10 + Int64($1 &- 0x30) }
            return Interval(milliseconds: count * unit.milliseconds)
        }
        yaml.report(
            .badValue, "\(what) must be a time", at: node.span, help: "for example 90s, 30m, 8h or 2d")
        return nil
    }

    mutating func money(_ node: YAMLNode?) -> Money? {
        guard let node, let text = yaml.text(node, "threshold") else { return nil }
        if let money = Money(text) { return money }
        yaml.report(
            .badValue, "threshold must be an amount and a currency of ISO 4217", at: node.span,
            help: "for example threshold: 100 USD")
        return nil
    }
}
