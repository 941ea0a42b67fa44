import Calls
package import JSON

/// What is wrong in a file, where, and what to do about it.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// The pack is refused, and with it the whole set.
        case error
        case warning
    }

    package let code: Code
    package let severity: Severity
    package let message: String
    package let file: String
    package let span: SourceSpan
    /// The line that `span` is on.
    package let excerpt: String
    /// What stands under the caret: `int`.
    package let label: String?
    /// What the place belongs to: `rule stripe.money-out, money`.
    package let context: String?
    package let rule: String?
    package let help: String?
}

extension Diagnostic {
    /// The shape that terminals and editors understand, without a newline at the end.
    package var rendered: String {
        let number = String(span.line)
        let gutter = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number
        let blank = String(repeating: " ", count: gutter.utf8.count)
        var lines = ["\(severity.rawValue)[\(code.rawValue)]: \(message)"]
        lines.append("  --> \(file):\(span.line):\(span.column)" + (context.map { "  (\($0))" } ?? ""))
        let (quote, column) = Self.window(excerpt, around: span.column)
        lines.append("\(gutter) | \(quote)")
        let caret = String(repeating: "^", count: max(1, min(span.length, quote.unicodeScalars.count - column + 1)))
        let indent = String(repeating: " ", count: column - 1)
        lines.append("\(blank) | \(indent)\(caret)" + (label.map { " \($0)" } ?? ""))
        if let help { lines.append("   help: \(help)") }
        return lines.joined(separator: "\n")
    }

    /// The part of a line that is worth showing, with the caret's column in it. Each character stays one character
    /// wide, so that the caret stands where it should.
    private static func window(_ line: String, around column: Int) -> (String, Int) {
        let width = 160
        let scalars = Array(line.unicodeScalars)
        let from = column > width ? column - width / 2 : 0
        let shown = scalars.dropFirst(from).prefix(width)
        let text = String(String.UnicodeScalarView(shown.map { $0.isPlain ? $0 : $0 == "\t" ? " " : "\u{FFFD}" }))
        return (text, max(1, min(column - from, shown.count + 1)))
    }

    package func write(into object: inout JSONWriter.Object) {
        object.field("code", code.rawValue)
        object.field("severity", severity.rawValue)
        object.field("message", message)
        object.field("file", file)
        object.field("line", span.line)
        object.field("column", span.column)
        object.field("length", span.length)
        object.field("excerpt", excerpt)
        object.field("label", label)
        object.field("context", context)
        object.field("rule", rule)
        object.field("help", help)
    }
}

extension Diagnostic {
    /// Stable: a code is never given to another thing.
    package enum Code: String, Sendable, CaseIterable {
        // The file as YAML.
        case notYAML = "R0101"
        case notText = "R0102"
        case overLimit = "R0103"
        case anchor = "R0104"
        case tag = "R0105"
        case mergeKey = "R0106"
        case duplicateKey = "R0107"
        case notOneDocument = "R0108"
        case keyNotText = "R0109"
        case notJSON = "R0110"
        // The shape of the file.
        case unknownKey = "R0201"
        case missingKey = "R0202"
        case wrongKind = "R0203"
        case badValue = "R0204"
        case notInThisVersion = "R0206"
        case formatVersion = "R0207"
        // What a rule matches.
        case badHost = "R0301"
        case badPath = "R0302"
        case badMethod = "R0303"
        case badAction = "R0304"
        case badName = "R0305"
        // Conditions.
        case syntax = "R0211"
        case overCost = "R0212"
        case unknownFunction = "R0221"
        case unknownField = "R0222"
        case typeMismatch = "R0223"
        case badLiteral = "R0224"
        case badPattern = "R0225"
        case notBool = "R0231"
        case wrongResult = "R0232"
        case badBinding = "R0233"
        case unknownName = "R0402"
        case badTemplate = "R0404"
        // Rules among one another.
        case duplicateRule = "R0501"
        case duplicatePack = "R0502"
        case supersedesUnknown = "R0503"
        case supersedesInCircle = "R0504"
        case supersedesFinal = "R0505"
        case reasonMissing = "R0506"
        case supersedesOtherPack = "R0507"
        case noTier = "R0508"
        case unmatchedNotOwn = "R0509"
        case moneyNotFinancial = "R0510"
        case testOfUnknownRule = "R0511"
        // Worth a look, though nothing is wrong.
        case endsSoon = "R0601"
        case hasEnded = "R0602"
        case noEffect = "R0603"
        case untested = "R0604"
        case notGranted = "R0605"
        case notPinned = "R0606"
        case alwaysSame = "R0607"
        case hostWithoutPath = "R0608"
        case unreachable = "R0609"
        case crowdedRoute = "R0610"
        case mixedTypes = "R0611"
        case silentWithoutField = "R0612"
        case trueWithoutField = "R0613"
        case shadowed = "R0614"
    }
}
