import Calls
package import JSON

/// Reads typed values out of a YAML file and gathers what is wrong with it, all of it in one run.
///
/// An accessor that returns nil has reported why, unless it was handed nil.
package struct YAMLReader {
    package let file: SourceFile
    package private(set) var diagnostics: [Diagnostic] = []
    /// The rule that is being read, for the diagnostics.
    package var rule: String?

    /// Beyond it a file is wrong enough; what else is wrong is not kept.
    static let diagnosticLimit = 1000

    package init(_ source: RuleSource) { file = SourceFile(source) }

    var isFull: Bool { diagnostics.count >= Self.diagnosticLimit }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    package mutating func report(
        _ code: Diagnostic.Code, _ message: String, at span: SourceSpan, severity: Diagnostic.Severity = .error,
        label: String? = nil, in place: String? = nil, help: String? = nil
    ) {
        // Room is kept for one error, because a file with only warnings is loaded.
        guard !isFull || severity == .error && !hasErrors else { return }
        let context = [rule.map { "rule \($0)" }, place].compactMap { $0 }.joined(separator: ", ")
        diagnostics.append(
            Diagnostic(
                code: code, severity: severity, message: message, file: file.path, span: span,
                excerpt: file.line(span.line), label: label, context: context.isEmpty ? nil : context, rule: rule,
                help: help))
    }

    /// The document of the file.
    package mutating func document(limits: YAMLLimits = .default) -> YAMLNode? {
        do throws(YAMLComposer.Stop) {
            return try YAMLComposer.compose(file, limits: limits)
        } catch {
            report(error.code, error.message, at: error.span, help: error.help)
            return nil
        }
    }

    /// A mapping all of whose keys are among `keys`; others are reported, with the one that was probably meant.
    package mutating func mapping(_ node: YAMLNode?, _ what: String, keys: [String]) -> YAMLMapping? {
        mapping(node, what, keys: keys, refused: [:])
    }

    /// - Parameter refused: keys that mean something which this version does not do, and what to say of them.
    mutating func mapping(
        _ node: YAMLNode?, _ what: String, keys: [String], refused: [String: RefusedKey]
    ) -> YAMLMapping? {
        guard let node else { return nil }
        guard case .mapping(let members) = node.content else {
            report(.wrongKind, "\(what) must be a mapping, this is \(node.kind)", at: node.span)
            return nil
        }
        for member in members where !keys.contains(member.key.string) {
            let name = visible(member.key.string)
            if let refusal = refused[member.key.string] {
                report(refusal.code, refusal.message, at: member.keySpan, in: name, help: refusal.help)
            } else {
                let meant = suggestion(for: member.key.string, among: keys + refused.keys.sorted())
                report(
                    .unknownKey, "\(what) has no key \(name)", at: member.keySpan,
                    help: meant.map { "did you mean \($0)?" } ?? "its keys are \(keys.joined(separator: ", "))")
            }
        }
        return YAMLMapping(members: members, span: node.span, what: what)
    }

    /// The value of a key that must be there.
    package mutating func required(_ key: String, of mapping: YAMLMapping) -> YAMLNode? {
        if let node = mapping[key] { return node }
        report(.missingKey, "\(mapping.what) needs the key \(key)", at: mapping.span)
        return nil
    }

    package mutating func text(_ node: YAMLNode?, _ what: String = "this") -> Text? {
        guard let node else { return nil }
        guard case .scalar(let text, let isQuoted) = node.content, isQuoted || !node.isNull else {
            report(.wrongKind, "\(what) must be a text, this is \(node.kind)", at: node.span)
            return nil
        }
        return text
    }

    package mutating func integer(_ node: YAMLNode?, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let node else { return nil }
        if case .scalar(let text, isQuoted: false) = node.content, let value = plainInteger(text), range.contains(value)
        {
            return value
        }
        let upTo = range.upperBound == .max ? " or more" : " to \(range.upperBound)"
        report(.badValue, "\(what) must be a whole number, \(range.lowerBound)\(upTo)", at: node.span)
        return nil
    }

    package mutating func bool(_ node: YAMLNode?, _ what: String) -> Bool? {
        guard let node else { return nil }
        if case .scalar(let text, isQuoted: false) = node.content {
            if text == "true" { return true }
            if text == "false" { return false }
        }
        report(.badValue, "\(what) must be true or false", at: node.span)
        return nil
    }

    /// One of the words of an enumeration.
    package mutating func choice<Word: RawRepresentable & CaseIterable>(
        _ node: YAMLNode?, _ what: String, of words: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let node, let text = text(node, what) else { return nil }
        if let word = Word(rawValue: text.string) { return word }
        let known = Word.allCases.map(\.rawValue)
        let meant = suggestion(for: text.string, among: known).map { "did you mean \($0)?" }
        report(
            .badValue, "\(what) cannot be \(visible(text.string))", at: node.span,
            help: meant ?? "it is one of \(known.joined(separator: ", "))")
        return nil
    }

    /// The elements of a list; a single value counts as a list of one.
    package mutating func list(_ node: YAMLNode?, _ what: String) -> [YAMLNode]? {
        guard let node else { return nil }
        switch node.content {
        case .sequence(let elements):
            if elements.isEmpty { report(.badValue, "\(what) must not be empty", at: node.span) }
            return elements.isEmpty ? nil : elements
        case .scalar:
            return text(node, what) == nil ? nil : [node]
        case .mapping:
            report(.wrongKind, "\(what) must be a list, this is a mapping", at: node.span)
            return nil
        }
    }

    /// The texts of a list, or of a single text.
    package mutating func texts(_ node: YAMLNode?, _ what: String) -> [Text]? {
        guard let elements = list(node, what) else { return nil }
        let texts = elements.compactMap { text($0, what) }
        return texts.count == elements.count ? texts : nil
    }

    /// `[0-9]+` without a leading zero, which is octal to some readers; a minus sign is allowed.
    private func plainInteger(_ text: Text) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy({ $0 &- 0x30 < 10 }), first != 0x30 || digits.count == 1
        else { return nil }
        return Int(text.string)
    }
}

/// A mapping whose keys are known.
package struct YAMLMapping: Sendable {
    package let members: [YAMLNode.Member]
    package let span: SourceSpan
    let what: String

    func keySpan(_ key: String) -> SourceSpan? { place(of: key).map { members[$0].keySpan } }

    package subscript(key: String) -> YAMLNode? { place(of: key).map { members[$0].value } }

    private func place(of key: String) -> Int? {
        let key = Text(key)
        for index in members.indices where members[index].key == key { return index }
        return nil
    }
}
