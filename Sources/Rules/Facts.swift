import Calls
import JSON

/// Why a reference has no value; the code is what tests and journals name.
struct EvaluationFailure: Error, Hashable {
    enum Code: String {
        case missingField = "missing_field"
        case repeatedName = "repeated_name"
        case wrongType = "wrong_type"
        case unreadableBody = "unreadable_body"
        case badAmount = "bad_amount"
    }

    let code: Code
    let detail: String

    var description: String { "\(code.rawValue): \(detail)" }
}

/// What a rule can see of one call: references are looked up here.
struct Facts {
    enum Value {
        case text(Text)
        case json(JSONNode)
    }

    let call: Call
    /// The template by which the rule matched; what `params` means.
    let path: PathTemplate

    /// The value; nil where an optional step found nothing.
    func value(_ reference: Reference) throws(EvaluationFailure) -> Value? {
        switch reference {
        case .literal(let text): return .text(text)
        case .request(.method): return .text(call.method)
        case .request(.host): return .text(call.target.authority.host)
        case .request(.path): return .text(Text(String(call.target.spelling.string.prefix { $0 != "?" })))
        case .field(let root, let steps, let spelling): return try field(root, steps, spelling)
        case .orValue(let optional, let other):
            if let value = try value(optional) { return value }
            return try value(other)
        case .money(let amount, let currency):
            let code = try text(currency)
            guard let known = Currency(code) else {
                throw EvaluationFailure(code: .badAmount, detail: "\(visible(code.string, limit: 12)) is no currency")
            }
            return .text(Text(try Money(minor: minor(amount), currency: known).description))
        }
    }

    /// The value as text: what is no text, number or truth value has none.
    func text(_ reference: Reference) throws(EvaluationFailure) -> Text {
        guard let value = try value(reference) else { throw missing(reference) }
        switch value {
        case .text(let text): return text
        case .json(let node):
            switch node.kind {
            case .string, .number, .bool: return node.text ?? Text(String(decoding: node.spelling, as: UTF8.self))
            case .null, .array, .object:
                throw EvaluationFailure(code: .wrongType, detail: "\(spelling(reference)) is no text")
            }
        }
    }

    /// The value as a whole number of smallest units.
    func minor(_ reference: Reference) throws(EvaluationFailure) -> UInt64 {
        let text = try text(reference)
        guard let amount = Money.minor(text) else { throw notAnAmount(reference, text) }
        return amount
    }

    /// The value as a decimal number of whole units.
    func major(_ reference: Reference, _ currency: Currency) throws(EvaluationFailure) -> UInt64 {
        let text = try text(reference)
        guard let amount = Money.major(text, currency) else { throw notAnAmount(reference, text) }
        return amount
    }

    private func field(
        _ root: Reference.Root, _ steps: [Reference.Step], _ spelling: String
    ) throws(EvaluationFailure) -> Value? {
        switch root {
        case .params:
            guard case .key(let name)? = steps.first?.selector, steps.count == 1, let index = path.parameters[name],
                index < call.target.segments.count
            else { throw EvaluationFailure(code: .missingField, detail: spelling) }
            return .text(call.target.segments[index])
        case .query:
            return try parameter(in: call.target.query, steps, spelling)
        case .form:
            switch call.document {
            case .form(let parameters): return try parameter(in: parameters, steps, spelling)
            case .multipart(let parts): return try parameter(in: parts, steps, spelling)
            case .none: return try parameter(in: [Parameter](), steps, spelling)
            case .json: throw EvaluationFailure(code: .wrongType, detail: "\(spelling): the body is no form")
            case .opaque(let reason): throw EvaluationFailure(code: .unreadableBody, detail: reason)
            }
        case .body:
            switch call.document {
            case .form(let parameters): return try parameter(in: parameters, steps, spelling)
            case .multipart(let parts): return try parameter(in: parts, steps, spelling)
            case .none: return try parameter(in: [Parameter](), steps, spelling)
            case .json(let document): return try member(of: document.root, steps, spelling)
            case .opaque(let reason): throw EvaluationFailure(code: .unreadableBody, detail: reason)
            }
        }
    }

    /// A part that is no text is there, and has no value that a rule could compare.
    private func parameter(
        in parts: [FormPart], _ steps: [Reference.Step], _ spelling: String
    ) throws(EvaluationFailure) -> Value? {
        let parameters = try parts.map { part throws(EvaluationFailure) in
            if case .text(let text) = part.content { return Parameter(part.name, text) }
            if case .key(part.name)? = steps.first?.selector {
                throw EvaluationFailure(code: .wrongType, detail: "\(spelling) is no text")
            }
            return Parameter(part.name, "")
        }
        return try parameter(in: parameters, steps, spelling)
    }

    private func parameter(
        in parameters: [Parameter], _ steps: [Reference.Step], _ spelling: String
    ) throws(EvaluationFailure) -> Value? {
        guard let step = steps.first, case .key(let name) = step.selector else {
            throw EvaluationFailure(code: .wrongType, detail: "\(spelling): a form has names only")
        }
        var found: Text?
        for parameter in parameters where parameter.name == name {
            // One reader takes the first, another the last: whoever asks for one value has none.
            guard found == nil else { throw EvaluationFailure(code: .repeatedName, detail: spelling) }
            found = parameter.value
        }
        guard let found else {
            if step.isOptional { return nil }
            throw EvaluationFailure(code: .missingField, detail: spelling)
        }
        guard steps.count == 1 else {
            throw EvaluationFailure(code: .wrongType, detail: "\(spelling): the values of a form are texts")
        }
        return .text(found)
    }

    private func member(
        of root: JSONNode, _ steps: [Reference.Step], _ spelling: String
    ) throws(EvaluationFailure) -> Value? {
        var node = root
        // As in CEL: after one optional step the further ones are optional too.
        var isOptional = false
        for step in steps {
            isOptional = isOptional || step.isOptional
            let next: JSONNode?
            switch (step.selector, node.kind) {
            case (.key(let key), .object): next = node[key]
            case (.index(let index), .array): next = node[index]
            default: throw EvaluationFailure(code: .wrongType, detail: spelling)
            }
            guard let next else {
                if isOptional { return nil }
                throw EvaluationFailure(code: .missingField, detail: spelling)
            }
            node = next
        }
        return .json(node)
    }

    private func missing(_ reference: Reference) -> EvaluationFailure {
        EvaluationFailure(code: .missingField, detail: spelling(reference))
    }

    /// The value itself stays out of messages: they are logged, and bodies are not.
    private func notAnAmount(_ reference: Reference, _ text: Text) -> EvaluationFailure {
        EvaluationFailure(code: .badAmount, detail: "\(spelling(reference)) is not a plain decimal number")
    }

    private func spelling(_ reference: Reference) -> String {
        switch reference {
        case .literal: "a literal"
        case .request(let part): "request.\(part.rawValue)"
        case .field(_, _, let spelling): spelling
        case .orValue(let reference, _): spelling(reference)
        case .money: "money"
        }
    }
}
