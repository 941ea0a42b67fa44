import Testing

@testable import tiergate_bench

@Suite struct OptionsTests {
    private let known = ["--runs", "--seconds", "--peers"]

    @Test("options have values, and usual ones where they are left out")
    func values() throws {
        let options = try Options(["--runs", "3", "--seconds", "0.5", "--peers", "squid,envoy"], known: known)
        #expect(try options.count("--runs", or: 7, in: 1...10) == 3)
        #expect(try options.seconds("--seconds", or: 3) == 0.5)
        #expect(options.list("--peers") == ["squid", "envoy"])
        let none = try Options([], known: known)
        #expect(try none.count("--runs", or: 7, in: 1...10) == 7)
        #expect(try none.seconds("--seconds", or: 3) == 3)
        #expect(none.list("--peers") == nil)
    }

    @Test(
        "what cannot be acted on is refused",
        arguments: [["--run", "3"], ["--runs"], ["3"], ["--runs", "0"], ["--runs", "many"], ["--seconds", "0"]])
    func misuse(words: [String]) {
        #expect(throws: Options.Misuse.self) {
            let options = try Options(words, known: known)
            _ = try options.count("--runs", or: 7, in: 1...10)
            _ = try options.seconds("--seconds", or: 3)
        }
    }
}
