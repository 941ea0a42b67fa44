package import Calls
package import JSON

/// A call with the verdict it should get, as it stands beside the rules.
package struct RuleTest: Sendable {
    /// The request, undecoded: normalising is the decoder's, and part of what is tested.
    package struct Request: Sendable {
        package var method: Text
        package var url: Text
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]?
        /// What the call is besides HTTP, where the test says so itself instead of having it decoded.
        package var operation: Operation?
    }

    package struct Expectation: Sendable {
        package var tier: Tier?
        package var category: Category?
        package var disposition: Disposition?
        package var rules: [String]?
        package var summaries: [String]?
        package var approvers: [String]?
        /// The code of the failure of a rule that took part.
        package var error: String?
    }

    package let request: Request
    package let expectation: Expectation
    package let pack: String
    /// `file:line`.
    package let source: String

    /// What the verdict is not as expected, a sentence each; empty where all is well.
    package func mismatch(with verdict: Verdict) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ what: String, _ expected: Value?, _ actual: Value) {
            if let expected, expected != actual { found.append("\(what) is \(actual), expected \(expected)") }
        }
        compare("tier", expectation.tier?.rawValue, verdict.tier.rawValue)
        if let category = expectation.category, category != verdict.category {
            found.append("category is \(verdict.category?.rawValue ?? "none"), expected \(category.rawValue)")
        }
        compare("disposition", expectation.disposition?.rawValue, verdict.disposition.rawValue)
        compare("rules", expectation.rules?.sorted(), verdict.matches.map(\.rule).sorted())
        for summary in expectation.summaries ?? [] where !verdict.summaries.contains(summary) {
            found.append("no summary \"\(summary)\" among \(verdict.summaries)")
        }
        compare("approvers", expectation.approvers?.sorted(), verdict.terms.approvers.sorted())
        if let error = expectation.error {
            let failures = verdict.matches.compactMap(\.failure)
            if !failures.contains(where: { $0.prefix { $0 != ":" } == error }) {
                found.append("no failure \(error) among \(failures)")
            }
        }
        return found
    }
}
