import Calls
import JSON

/// Text to `Reference`, or what is wrong and where in the text.
struct ReferenceParser {
    static let lengthLimit = 1000
    static let depthLimit = 8
    static let stepLimit = 16

    struct Failure: Error {
        var code: Diagnostic.Code
        var message: String
        /// Characters of the text.
        var range: Range<Int>
        var help: String?
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    static func parse(_ text: Text) throws(Failure) -> Reference {
        var parser = ReferenceParser(scalars: Array(text.string.unicodeScalars))
        guard parser.scalars.count <= lengthLimit else {
            throw Failure(code: .badReference, message: "longer than \(lengthLimit) characters", range: 0..<1)
        }
        let reference = try parser.closed(depth: 0)
        parser.skipBlanks()
        guard parser.position == parser.scalars.count else {
            throw parser.failure(
                "a reference ends here, and something follows", at: parser.position,
                help: "operators and functions need CEL, which this version does not have")
        }
        return reference
    }

    /// A reference that has a value: no optional is left open.
    private mutating func closed(depth: Int) throws(Failure) -> Reference {
        skipBlanks()
        let start = position
        let reference = try expression(depth: depth)
        if reference.isOpen {
            throw Failure(
                code: .openOptional, message: "this may be absent, and nothing says what then", range: start..<position,
                help: "add .orValue('…'), or write . instead of .?")
        }
        return reference
    }

    private mutating func expression(depth: Int) throws(Failure) -> Reference {
        guard depth < Self.depthLimit else { throw failure("nested too deeply", at: position) }
        skipBlanks()
        let start = position
        if let quote = peek, quote == "'" || quote == "\"" { return .literal(try string()) }
        let name = try identifier("a reference begins with body, form, params, query or request")
        skipBlanks()
        if name == "money", peek == "(" { return try moneyCall(depth: depth) }
        if name == "request" { return try requestPart(start) }
        guard let root = Reference.Root(rawValue: name) else {
            let known = Reference.Root.allCases.map(\.rawValue) + ["request", "money"]
            throw Failure(
                code: .unknownName, message: "there is nothing called \(visible(name))", range: start..<position,
                help: suggestion(for: name, among: known).map { "did you mean \($0)?" }
                    ?? "a reference begins with \(known.joined(separator: ", "))")
        }
        return try steps(of: root, from: start, depth: depth)
    }

    private mutating func steps(of root: Reference.Root, from start: Int, depth: Int) throws(Failure) -> Reference {
        var steps: [Reference.Step] = []
        while true {
            let end = position
            skipBlanks()
            if take(".") {
                let isOptional = take("?")
                skipBlanks()
                let nameStart = position
                let name = try identifier("a name follows the dot")
                skipBlanks()
                if peek == "(" {
                    guard name == "orValue", !isOptional else {
                        throw Failure(
                            code: .badReference, message: "there is no function \(visible(name)) here",
                            range: nameStart..<nameStart + name.unicodeScalars.count,
                            help: "only orValue; functions need CEL, which this version does not have")
                    }
                    let value = field(root, steps, start..<end)
                    guard value.isOpen else {
                        throw failure(
                            "orValue follows something that is never absent", at: nameStart,
                            help: "write .? before the name that may be missing")
                    }
                    _ = take("(")
                    let other = try closed(depth: depth + 1)
                    try expect(")")
                    return .orValue(value, other)
                }
                steps.append(Reference.Step(selector: .key(Text(name)), isOptional: isOptional))
            } else if take("[") {
                let isOptional = take("?")
                steps.append(Reference.Step(selector: try index(), isOptional: isOptional))
                try expect("]")
            } else {
                position = end
                if steps.isEmpty, root == .params || root == .query || root == .form {
                    throw failure("\(root.rawValue) needs a name", at: end, help: "for example \(root.rawValue).name")
                }
                return field(root, steps, start..<end)
            }
            guard steps.count <= Self.stepLimit else {
                throw failure("more than \(Self.stepLimit) steps", at: position)
            }
        }
    }

    private func field(_ root: Reference.Root, _ steps: [Reference.Step], _ range: Range<Int>) -> Reference {
        .field(root, steps, spelling: String(String.UnicodeScalarView(scalars[range])))
    }

    private mutating func index() throws(Failure) -> Reference.Step.Selector {
        skipBlanks()
        if let quote = peek, quote == "'" || quote == "\"" {
            let key = try string()
            skipBlanks()
            return .key(key)
        }
        let start = position
        var digits = ""
        while let digit = peek, digit.value &- 0x30 < 10 {
            digits.unicodeScalars.append(digit)
            position += 1
        }
        guard let index = Int(digits), digits == "0" || !digits.hasPrefix("0") else {
            throw failure("an index is a whole number or a quoted key", at: start)
        }
        skipBlanks()
        return .index(index)
    }

    private mutating func moneyCall(depth: Int) throws(Failure) -> Reference {
        _ = take("(")
        let amount = try closed(depth: depth + 1)
        try expect(",")
        let currency = try closed(depth: depth + 1)
        try expect(")")
        return .money(amount, currency)
    }

    private mutating func requestPart(_ start: Int) throws(Failure) -> Reference {
        try expect(".")
        skipBlanks()
        let name = try identifier("method, host or path follows")
        guard let part = Reference.Part(rawValue: name) else {
            throw Failure(
                code: .unknownName, message: "request has no \(visible(name)) here", range: start..<position,
                help: "it has \(Reference.Part.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return .request(part)
    }

    /// A string of CEL; escapes that name a character by its number are left to CEL.
    private mutating func string() throws(Failure) -> Text {
        let start = position
        guard let quote = peek else { throw failure("a string is missing", at: position) }
        position += 1
        var text = ""
        while let scalar = peek {
            position += 1
            if scalar == quote { return Text(text) }
            guard scalar == "\\" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            let escapes: [Unicode.Scalar: Unicode.Scalar] = [
                "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "t": "\t", "r": "\r",
            ]
            guard let escape = peek, let meant = escapes[escape] else {
                throw failure("an escape that strings do not have here", at: position - 1)
            }
            position += 1
            text.unicodeScalars.append(meant)
        }
        throw Failure(code: .badReference, message: "the string does not end", range: start..<position)
    }

    private mutating func identifier(_ expectation: String) throws(Failure) -> String {
        let start = position
        var name = ""
        while let scalar = peek, PathTemplate.isIdentifier(Text(name + String(scalar))) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard !name.isEmpty else { throw failure(expectation, at: start) }
        return name
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Failure) {
        skipBlanks()
        guard take(scalar) else { throw failure("\(scalar) is missing", at: position) }
    }

    private mutating func skipBlanks() {
        while let scalar = peek, scalar == " " || scalar == "\t" || scalar == "\n" { position += 1 }
    }

    private func failure(_ message: String, at position: Int, help: String? = nil) -> Failure {
        Failure(code: .badReference, message: message, range: position..<position + 1, help: help)
    }
}
