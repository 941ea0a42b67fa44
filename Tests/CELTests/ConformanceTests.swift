import CEL
import Foundation
import JSON
import Testing

/// Cases of the language's own test suite, a line each, where the environment names a file of them.
@Suite("Conformance")
struct ConformanceTests {
    private static let file = ProcessInfo.processInfo.environment["TIERGATE_CEL_CASES"]

    @Test(
        "every case has the value or the error that it should",
        .enabled(if: Self.file != nil, "TIERGATE_CEL_CASES names no file of cases"))
    func cases() throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: try #require(Self.file))))
        for line in bytes.split(separator: 0x0A) {
            let root = try JSONDocument.parse(Array(line)).root
            let outcome = try EvaluationCase(root) { name in
                (try? Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))).map { Array($0) }
            }.run()
            let expected = root["value"].flatMap { Value(typed: $0) }
            switch outcome {
            case .value(let value): #expect(value.typed == expected?.typed, "\(root["id"]?.text ?? "")")
            case .type(let type): #expect(type.description == root["type"]?.text?.string)
            case .error(let message): #expect(root["error"] != nil, "\(root["id"]?.text ?? ""): \(message)")
            }
        }
    }
}
