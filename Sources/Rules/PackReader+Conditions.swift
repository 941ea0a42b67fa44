import CEL
import Calls
import JSON

extension PackReader {
    private static let conditionKeys = [
        "when", "let", "escalate", "money", "recipients", "summary", "observe", "threshold",
    ]

    mutating func readConditions(_ map: YAMLMapping, in pack: Pack, into rule: Rule) {
        guard Self.conditionKeys.contains(where: { map[$0] != nil }) else { return }
        var compiler = Compiler(Vocabulary(rule.match, pack))
        readBindings(map["let"], &compiler, into: rule)
        rule.conditions.when = condition(map["when"], &compiler, in: "when")
        readEscalations(map["escalate"], &compiler, into: rule)
        readMoney(map, in: pack, &compiler, into: rule)
        rule.conditions.recipients = expression(
            map["recipients"], &compiler, expecting: .list(.string), in: "recipients")
        rule.conditions.summary = template(map["summary"], &compiler, in: "summary")
        readObservation(map["observe"], &compiler, into: rule)
        rule.conditions.facts = compiler.facts
        rule.conditions.names = compiler.names
    }

    private mutating func readBindings(_ node: YAMLNode?, _ compiler: inout Compiler, into rule: Rule) {
        guard let node else { return }
        guard case .mapping(let members) = node.content else {
            yaml.report(
                .wrongKind, "let must be a mapping, this is \(node.kind)", at: node.span,
                help: "for example let: {amount: int(body.amount)}")
            return
        }
        for member in members {
            let name = member.key
            guard PathTemplate.isIdentifier(name), !compiler.knows(name) else {
                yaml.report(
                    .badBinding, "\(visible(name.string)) cannot be a name here", at: member.keySpan, in: "let",
                    help: "letters, digits and underscores, and no name that conditions have already")
                continue
            }
            guard let expression = expression(member.value, &compiler, in: "let \(name)") else { continue }
            rule.conditions.bindings.append(Conditions.Binding(name: name, expression: expression))
            compiler.bind(name, expression.program.type)
        }
    }

    private mutating func readEscalations(_ node: YAMLNode?, _ compiler: inout Compiler, into rule: Rule) {
        guard let node else { return }
        guard case .mapping(let members) = node.content else {
            yaml.report(
                .wrongKind, "escalate must be a mapping, this is \(node.kind)", at: node.span,
                help: "for example escalate: {4: \"amount > 100000\"}")
            return
        }
        for member in members {
            guard let tier = Tier(word: member.key.string) else {
                yaml.report(
                    .badValue, "\(visible(member.key.string)) is no tier", at: member.keySpan, in: "escalate",
                    help: "2, 3 or 4")
                continue
            }
            if tier <= rule.floor {
                yaml.report(
                    .noEffect, "the rule is tier \(rule.floor.rawValue) already", at: member.keySpan,
                    severity: .warning, in: "escalate \(member.key)", help: "leave it out, or lower the rule's tier")
            }
            if let condition = condition(member.value, &compiler, in: "escalate \(member.key)") {
                rule.conditions.escalations.append(Conditions.Escalation(tier: tier, expression: condition))
            }
        }
    }

    private mutating func readMoney(
        _ map: YAMLMapping, in pack: Pack, _ compiler: inout Compiler, into rule: Rule
    ) {
        let threshold = money(map["threshold"]) ?? pack.threshold
        guard let node = map["money"] else { return }
        if let category = rule.category, category != .financial, let place = map["category"] {
            yaml.report(
                .moneyNotFinancial, "a rule that counts money is financial, not \(category.rawValue)", at: place.span,
                help: "leave category out, or make two rules")
        }
        rule.category = .financial
        guard let sum = yaml.mapping(node, "money", keys: ["minor", "major", "currency"]) else { return }
        guard (sum["minor"] == nil) != (sum["major"] == nil) else {
            yaml.report(
                .missingKey, "money needs minor or major, one of the two", at: sum.span,
                help: "minor counts the smallest unit (cents), major the whole one")
            return
        }
        let amount = expression(sum["minor"] ?? sum["major"], &compiler, in: "money")
        let currency = expression(
            yaml.required("currency", of: sum), &compiler, expecting: .string, in: "money, currency")
        guard let amount, let currency, let threshold else { return }
        rule.conditions.sum = Conditions.Sum(
            amount: amount, unit: sum["minor"] != nil ? .minor : .major, currency: currency, threshold: threshold)
    }

    private mutating func readObservation(_ node: YAMLNode?, _ compiler: inout Compiler, into rule: Rule) {
        guard let map = yaml.mapping(node, "observe", keys: ["get", "fields"]) else { return }
        let fields = yaml.texts(map["fields"], "fields")?.map(\.string) ?? []
        guard let node = yaml.required("get", of: map),
            let path = template(node, &compiler, in: "observe")
        else { return }
        if case .scalar(let text, _) = node.content, text.utf8.first != UInt8(ascii: "/") {
            yaml.report(
                .badPath, "observe reads at the same host: a path begins with /", at: node.span, in: "observe",
                help: "for example \"/v1/charges/{{ body.charge }}\"")
        }
        rule.conditions.observation = Conditions.Observation(path: path, fields: fields)
    }

    // MARK: Expressions

    private mutating func condition(
        _ node: YAMLNode?, _ compiler: inout Compiler, in place: String
    ) -> Conditions.Expression? {
        let condition = expression(node, &compiler, expecting: .bool, in: place)
        if let node, case .bool(let value)? = condition?.program.constant {
            yaml.report(
                .alwaysSame, "this is always \(value)", at: node.span, severity: .warning, in: place,
                help: "it reads nothing of the call")
        } else if let node, let foregone = condition?.program.foregone {
            yaml.report(
                .alwaysSame, "this is \(foregone ? "true" : "false") whatever is compared", at: node.span,
                severity: .warning, in: place,
                help: foregone
                    ? "one of the comparisons holds for every value: && was meant, or !(a == 'x' || a == 'y')"
                    : "no value fits both comparisons: || was meant, or one of the constants is wrong")
        }
        return condition
    }

    private mutating func expression(
        _ node: YAMLNode?, _ compiler: inout Compiler, expecting type: ValueType? = nil, in place: String
    ) -> Conditions.Expression? {
        guard let node, let text = yaml.text(node, place) else { return nil }
        return compile(text, at: 0, node, &compiler, expecting: type, in: place)
    }

    private mutating func template(
        _ node: YAMLNode?, _ compiler: inout Compiler, in place: String
    ) -> Summary? {
        guard let node, let text = yaml.text(node, place) else { return nil }
        let parts: [Summary.Part]
        do throws(Summary.Malformed) {
            parts = try Summary.parts(text)
        } catch {
            yaml.report(
                .badTemplate, error.message, at: yaml.file.span(of: error.range, in: node), in: place, help: error.help)
            return nil
        }
        let scalars = Array(text.string.unicodeScalars)
        var pieces: [Summary.Piece] = []
        for part in parts {
            switch part {
            case .text(let text): pieces.append(.text(text))
            case .expression(let range):
                let source = Text(String(String.UnicodeScalarView(scalars[range])))
                guard
                    let expression = compile(
                        source, at: range.lowerBound, node, &compiler, expecting: nil, in: place)
                else { return nil }
                pieces.append(.value(expression))
            }
        }
        return Summary(pieces: pieces)
    }

    /// - Parameter offset: characters of the scalar before the expression.
    private mutating func compile(
        _ source: Text, at offset: Int, _ node: YAMLNode, _ compiler: inout Compiler, expecting type: ValueType?,
        in place: String
    ) -> Conditions.Expression? {
        do throws(CompileFailure) {
            return try compiler.compile(source, expecting: type)
        } catch {
            let bytes = source.bytes
            for found in error.diagnostics {
                let lower = characters(bytes[..<min(found.span.lowerBound, bytes.count)])
                let upper = characters(bytes[..<min(found.span.upperBound, bytes.count)])
                let span = yaml.file.span(of: offset + lower..<offset + max(upper, lower + 1), in: node)
                let part = String(decoding: bytes[found.span.clamped(to: 0..<bytes.count)], as: UTF8.self)
                report(found, part, at: span, expecting: type, in: place)
            }
            return nil
        }
    }

    private func characters(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

    private mutating func report(
        _ found: CompileDiagnostic, _ part: String, at span: SourceSpan, expecting type: ValueType?, in place: String
    ) {
        var (message, help) = (found.message, found.help?.replacing("…", with: visible(part, limit: 40)))
        var label: String?
        if found.code == .wrongResult, let start = message.range(after: "this is ") {
            label = String(message[start...])
        }
        if found.code == .wrongResult, type == .bool, let label { message = "condition must be bool, this is \(label)" }
        if found.code == .undeclaredName, let name = message.split(separator: "'").dropFirst().first.map(String.init),
            let home = Vocabulary.home(of: name)
        {
            help = "\(name) is known in \(home)"
        }
        yaml.report(Diagnostic.Code(found.code, type), message, at: span, label: label, in: place, help: help)
    }
}

extension Diagnostic.Code {
    fileprivate init(_ code: CompileDiagnostic.Code, _ expected: ValueType?) {
        switch code {
        case .syntax, .macro: self = .syntax
        case .literal, .timeZone, .mapKey: self = .badLiteral
        case .limit, .cost: self = .overCost
        case .pattern: self = .badPattern
        case .undeclaredName: self = .unknownName
        case .undeclaredFunction: self = .unknownFunction
        case .noSuchField: self = .unknownField
        case .noMatchingOverload: self = .typeMismatch
        case .wrongResult: self = expected == .bool ? .notBool : .wrongResult
        }
    }
}

extension String {
    /// Where what follows a part begins.
    fileprivate func range(after part: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}

extension Vocabulary {
    fileprivate init(_ match: Rule.Match, _ pack: Pack) {
        // A name that one template binds and another does not would be missing for some calls: it is no name.
        let names = match.paths.first?.parameters.keys.filter { name in
            match.paths.allSatisfy { $0.parameters[name] != nil }
        }
        self.init(kind: match.operation?.kind, parameters: (names ?? []).sorted(), lists: pack.lists)
    }
}
