import Calls
import Client
import JSON
import Rules
import System

/// Reads settings from a file or from flags, and gathers what is wrong with them.
///
/// A flag is read as a file of its own, named after it, so that both are told of mistakes in the same way.
struct SettingsReader {
    var yaml: YAMLReader
    /// Relative paths begin here: beside the file that names them.
    let directory: String

    init(_ source: RuleSource, directory: String) {
        yaml = YAMLReader(source)
        self.directory = directory
    }

    /// Takes over everything that a file says.
    mutating func readFile(into settings: inout Settings) {
        guard let document = yaml.document() else { return }
        if document.isNull { return }
        readGroup(document, "", into: &settings)
    }

    /// - Parameter prefix: of the keys in it, with its last dot.
    private mutating func readGroup(_ node: YAMLNode, _ prefix: String, into settings: inout Settings) {
        let inner = Setting.all.filter { $0.path.hasPrefix(prefix) }
        let names = inner.map { String($0.path.dropFirst(prefix.count).prefix { $0 != "." }) }
            .reduce(into: [String]()) { order, name in if !order.contains(name) { order.append(name) } }
        let what = prefix.isEmpty ? "the settings" : String(prefix.dropLast())
        guard let group = yaml.mapping(node, what, keys: names) else { return }
        for name in names {
            guard let member = group[name] else { continue }
            if let setting = inner.first(where: { $0.path == prefix + name }) {
                setting.read(member, &self, &settings)
            } else {
                readGroup(member, "\(prefix)\(name).", into: &settings)
            }
        }
    }

    /// A flag's values as the file would have them.
    static func node(_ values: [String], _ shape: Setting.Shape) -> YAMLNode? {
        func scalar(_ text: Substring, line: Int, column: Int = 1) -> YAMLNode {
            let span = SourceSpan(line: line, column: column, length: text.unicodeScalars.count)
            return YAMLNode(content: .scalar(.init(String(text)), isQuoted: false), span: span)
        }
        let whole = SourceSpan(line: 1, column: 1, length: values.first?.unicodeScalars.count ?? 1)
        switch shape {
        case .single: return values.last.map { scalar($0[...], line: values.count) }
        case .list, .records:
            return YAMLNode(
                content: .sequence(zip(values, 1...).map { scalar($0[...], line: $1) }), span: whole)
        case .mapping:
            let members = zip(values, 1...).map { text, line in
                let name = text.prefix { $0 != "=" }
                let key = scalar(name, line: line)
                let value = scalar(text.dropFirst(name.count + 1), line: line, column: name.unicodeScalars.count + 2)
                return YAMLNode.Member(key: .init(String(name)), keySpan: key.span, value: value)
            }
            return YAMLNode(content: .mapping(members), span: whole)
        }
    }
}

// MARK: Kinds of value

extension SettingsReader {
    func isAuto(_ node: YAMLNode) -> Bool {
        guard case .scalar(let text, _) = node.content else { return false }
        return text == "auto"
    }

    /// `.some(nil)` for `auto`.
    mutating func orAuto<Value>(
        _ node: YAMLNode, _ what: String, _ read: (String, inout SettingsReader) -> Value?
    ) -> Value?? {
        if isAuto(node) { return .some(nil) }
        guard let text = yaml.text(node, what), let value = read(text.string, &self) else { return nil }
        return .some(value)
    }

    mutating func path(_ node: YAMLNode, _ what: String) -> String? {
        yaml.text(node, what).flatMap { text in
            if text.isEmpty {
                yaml.report(.badValue, "\(what) must name a path", at: node.span)
                return nil
            }
            return absolute(text.string)
        }
    }

    mutating func pathOrAuto(_ node: YAMLNode, _ what: String) -> String?? {
        isAuto(node) ? .some(nil) : path(node, what).map { .some($0) }
    }

    mutating func paths(_ node: YAMLNode, _ what: String) -> [String]? {
        texts(node, what)?.map { absolute($0.string) }
    }

    /// The texts of a list that may be empty: that is how `--print-config` says that there are none.
    mutating func texts(_ node: YAMLNode, _ what: String) -> [Text]? {
        if case .sequence(let elements) = node.content, elements.isEmpty { return [] }
        return yaml.texts(node, what)
    }

    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return "\(directory)/\(path)"
    }

    mutating func address(_ text: String, _ node: YAMLNode) -> SocketAddress? {
        if let address = SocketAddress(text) { return address }
        yaml.report(
            .badValue, "\(visible(text)) is no address with a port", at: node.span,
            help: "for example 127.0.0.1:9510 or [::1]:9510")
        return nil
    }

    mutating func range(_ text: String, _ node: YAMLNode) -> AddressRange? {
        if let range = AddressRange(text) { return range }
        yaml.report(
            .badValue, "\(visible(text)) is no address range", at: node.span,
            help: "for example 127.0.0.0/8 or fd00::/8")
        return nil
    }

    mutating func overrides(_ node: YAMLNode) -> [Settings.Override]? {
        guard case .mapping(let members) = node.content else {
            yaml.report(
                .wrongKind, "upstream.resolve must be a mapping of names to addresses", at: node.span,
                help: "for example {\"**.test\": 127.0.0.1}")
            return nil
        }
        let overrides = members.compactMap { member -> Settings.Override? in
            guard let address = yaml.text(member.value, "upstream.resolve")?.string else { return nil }
            let pattern = member.key.string.lowercased()
            if let value = NameOverride(pattern: pattern, address: address) {
                return Settings.Override(pattern: pattern, address: address, value: value)
            }
            yaml.report(
                .badValue, "\(visible(member.key.string)) cannot be at \(visible(address))", at: member.keySpan,
                help: "a name or **.name, and an address: {\"**.test\": 127.0.0.1}, {api.test: 127.0.0.1:8443}")
            return nil
        }
        return overrides.count == members.count ? overrides : nil
    }

    mutating func size(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = yaml.text(node, what) else { return nil }
        if let size = Size.parse(text.string), range.contains(size) { return size }
        yaml.report(
            .badValue,
            "\(what) must be a size from \(Size.spelling(range.lowerBound)) to \(Size.spelling(range.upperBound))",
            at: node.span, help: "for example 64 MiB, or a number of bytes")
        return nil
    }

    mutating func time(_ text: String, _ node: YAMLNode, _ what: String) -> Int64? {
        if let time = TimeSpan.parse(text), time >= 0, time <= 86_400_000 { return time }
        yaml.report(
            .badValue, "\(what) must be a time up to 1 d, or auto", at: node.span, help: "for example 4 s or 2 m")
        return nil
    }

    /// A span of time, or the word that stands for none: then `.some(nil)`.
    mutating func span(_ node: YAMLNode, _ what: String, or word: String, in range: ClosedRange<Int64>) -> Int64?? {
        guard let text = yaml.text(node, what) else { return nil }
        if text.string == word { return .some(nil) }
        if let span = TimeSpan.parse(text.string), range.contains(span) { return .some(span) }
        yaml.report(
            .badValue,
            "\(what) must be a time from \(TimeSpan.spelling(range.lowerBound)) to "
                + "\(TimeSpan.spelling(range.upperBound)), or \(word)",
            at: node.span, help: "for example 30 d or 12 h")
        return nil
    }
}
