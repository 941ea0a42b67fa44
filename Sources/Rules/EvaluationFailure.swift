import CEL
import Calls
import JSON

/// Why a rule could not be read whole; the code is what tests and journals name.
struct EvaluationFailure: Error, Hashable {
    enum Code: String, CaseIterable {
        case missingField = "missing_field"
        case repeatedName = "repeated_name"
        case wrongType = "wrong_type"
        case unreadableBody = "unreadable_body"
        case badAmount = "bad_amount"
        case badNumber = "bad_number"
        case badValue = "bad_value"
        case limit
        case unknownFact = "unknown_fact"
    }

    let code: Code
    /// What it is about, in the rule's own words: never what the call carried.
    let detail: String

    var description: String { detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)" }

    init(code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    init(_ error: EvaluationError, in source: Text, _ document: Document) {
        switch error.kind {
        case .noSuchKey, .noneDereferenced, .indexOutOfRange: code = .missingField
        case .ambiguous: if case .opaque = document { code = .unreadableBody } else { code = .repeatedName }
        case .noSuchOverload, .unsupportedKey: code = .wrongType
        case .conversion, .overflow, .outOfRange, .divisionByZero: code = .badNumber
        case .invalidArgument, .invalidUTF8, .duplicateKey, .pattern: code = .badValue
        case .stepLimit: code = .limit
        case .undeclared, .unboundFunction, .unbound: code = .unknownFact
        }
        let bytes = source.bytes
        let span = error.span.map { Int($0.lowerBound)..<Int($0.upperBound) } ?? 0..<bytes.count
        detail = visible(String(decoding: bytes[span.clamped(to: 0..<bytes.count)], as: UTF8.self), limit: 80)
    }
}
