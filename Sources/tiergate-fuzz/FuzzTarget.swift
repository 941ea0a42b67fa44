/// Code that reads bytes of somebody else's, and what must hold of it whatever the bytes are.
///
/// One function serves the fuzzer (`deploy/prove fuzz`), which looks for new inputs by coverage, and the test suite,
/// which goes through the seeds and a few thousand changes of them.
package struct FuzzTarget: Sendable {
    package let name: String
    /// What is read, and what is checked beyond that nothing traps.
    package let summary: String
    /// Small inputs to begin with.
    package let seeds: [[UInt8]]
    /// Words that chance does not find.
    package let dictionary: [String]
    package let run: @Sendable ([UInt8]) throws(Finding) -> Void

    package static let all: [FuzzTarget] = [
        .request, .response, .json, .form, .multipart, .coding, .graphql, .descriptor, .batch, .address, .credential,
        .rules, .journal, .operators, .gitPush, .archive, .recording, .mask, .holdRow,
        .handshake, .cel, .name,
    ]
}

/// A property that did not hold.
package struct Finding: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Throws a finding unless the condition holds.
func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Finding) {
    guard condition else { throw Finding(sentence()) }
}

/// Throws a finding unless both are the same, and shows them.
func requireSame<Value: Equatable>(_ a: Value, _ b: Value, _ sentence: String) throws(Finding) {
    guard a == b else { throw Finding("\(sentence)\n  first:  \(a)\n  second: \(b)") }
}
