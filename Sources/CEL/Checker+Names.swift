import JSON

/// What names mean: variables of macros, then the container's names from the longest, then types.
extension Checker {
    /// The type of a node that is a whole name; nil where it is none.
    mutating func name(_ node: Int) -> ValueType? {
        guard let (first, isAbsolute) = syntax.firstName(node) else { return nil }
        let isWhole = if case .identifier = syntax[node].kind { true } else { false }
        if !isWhole, environment.container.isEmpty, !environment.namespaces.contains(first) { return nil }
        if !isAbsolute, let local = scope.last(where: { $0.name == first }) {
            guard isWhole else { return nil }
            uses[node] = .local(local.place)
            return local.type
        }
        guard let name = isWhole ? first : syntax.qualifiedName(node)?.name else { return nil }
        for candidate in candidates(name, isAbsolute: isAbsolute) {
            if let variable = environment.variables[candidate] {
                uses[node] = variable.constant.map(Use.constant) ?? .variable(candidate)
                return variable.type
            }
            if let type = Self.types[candidate] {
                uses[node] = .constant(.type(type))
                return .type
            }
        }
        return nil
    }

    /// The names that one can stand for: in the container, in what contains that, and by itself.
    func candidates(_ name: Text, isAbsolute: Bool) -> [Text] {
        guard !isAbsolute, !environment.container.isEmpty else { return [name] }
        var prefixes: [Text] = []
        var container = environment.container.string[...]
        while true {
            prefixes.append(Text("\(container).\(name)"))
            guard let point = container.lastIndex(of: ".") else { break }
            container = container[..<point]
        }
        return prefixes + [name]
    }

    mutating func undeclared(_ node: Int) -> ValueType {
        guard case .identifier(let name, _) = syntax[node].kind else { return .dyn }
        let known = scope.map(\.name.string)
        let variables = environment.variables
        func help() -> String? {
            let known = variables.keys.map(\.string) + known
            return nearest(to: name.string, in: known).map { "did you mean '\($0)'?" }
                ?? (known.isEmpty ? nil : "known here: \(known.sorted().prefix(12).joined(separator: ", "))")
        }
        fail(.undeclaredName, "there is no '\(name)'", help: help(), node, EvaluationError(.undeclared, name))
        return .dyn
    }

    mutating func select(_ node: Int, _ operand: Int, _ field: Text) -> ValueType {
        let type = check(operand)
        if case .record = unifier.head(type) { uses[node] = .field(operand, field) }
        return self.field(field, of: type, node)
    }

    /// The type of a field of a value of this type.
    mutating func field(_ field: Text, of type: ValueType, _ node: Int) -> ValueType {
        switch unifier.head(type) {
        case .dyn: return .dyn
        case .variable:
            _ = unifier.assign(.dyn, to: type)
            return .dyn
        case .map(let key, let value):
            guard unifier.assign(.string, to: key) else { break }
            return value
        case .record(let name, let fields):
            if let known = fields[field] { return known }
            let help =
                nearest(to: field.string, in: fields.keys.map(\.string)).map { "did you mean '\($0)'?" }
                ?? "it has: \(fields.keys.map(\.string).sorted().prefix(16).joined(separator: ", "))"
            fail(
                .noSuchField, "\(name) has no '\(field)'", help: fields.isEmpty ? nil : help, node,
                EvaluationError(.noSuchKey, field))
            return .dyn
        case .optional(let value):
            let inner = self.field(field, of: value, node)
            if case .optional = unifier.head(inner) { return inner }
            return .optional(inner)
        default: break
        }
        if !environment.isUnchecked {
            report(.noSuchField, "a value of type \(unifier.final(type)) has no fields", node)
        }
        return .dyn
    }

    mutating func index(_ node: Int, _ operand: Int, _ key: Int, _ isOptional: Bool) -> ValueType {
        let container = check(operand)
        var type = container
        if case .optional(let value) = unifier.head(type) { type = value }
        let result: ValueType
        if case .record = unifier.head(type), case .constant(.string(let name)) = syntax[key].kind {
            types[key] = .string
            if !isOptional { uses[node] = .field(operand, name.text) }
            result = field(name.text, of: type, node)
        } else {
            result = resolve(node, "[]", Library.indexing, [operand, key], isMember: true, first: type)
        }
        let wasOptional = if case .optional = unifier.head(container) { true } else { false }
        guard isOptional || wasOptional else { return result }
        if case .optional = unifier.head(result) { return result }
        return .optional(result)
    }

    /// The type names of the language, with what they are called as values.
    static let types: [Text: Text] = {
        let names: [Text] = [
            "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "dyn",
            "google.protobuf.Timestamp", "google.protobuf.Duration", "optional_type", "net.IP", "net.CIDR", "decimal",
        ]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, $0) })
    }()
}

/// The candidate that is one or two slips away from a name.
func nearest(to name: String, in candidates: [String]) -> String? {
    let name = Array(name.utf8)
    return candidates.map { (distance(name, Array($0.utf8)), $0) }.filter { $0.0 <= max(1, min(2, name.count / 3)) }
        .min { $0 < $1 }?.1
}

/// Letters to insert, leave out or change (Levenshtein).
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count < 64, b.count < 64, abs(a.count - b.count) < 3 else { return .max }
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let next = min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
            diagonal = row[j + 1]
            row[j + 1] = next
        }
    }
    return row[b.count]
}
