import Calls
import JSON
import Rules
import Wire

extension Command {
    static let rulesTest = Command(
        name: "rules test", summary: "judge the calls that stand as tests beside the rules",
        operands: [ruleDirectories],
        options: [
            Option(name: "--coverage", help: "name rules that no test hits, and conditions that went only one way"),
            .config,
        ],
        details: """
            Each test is a call with the verdict it should get. The call is read by the decoder that reads real ones, so \
            normalising is tested with the rules. Packs are judged as if they were granted.
            """,
        examples: [
            Example("tiergate rules test", "the tests of the rules that `tiergate serve` would use"),
            Example("tiergate rules test rules/stripe", "the tests of one pack"),
            Example("tiergate rules test --coverage rules/", "what the tests leave out"),
        ],
        run: { invocation in
            invocation.withSoundRules(invocation.operands, asIfGranted: true) { set, rules in
                let failures = set.tests.compactMap { test -> Failure? in
                    let reasons = mismatches(test, set, rules)
                    return reasons.isEmpty ? nil : Failure(test: test, reasons: reasons)
                }
                let coverage = invocation.has("--coverage") ? coverage(of: set, rules) : nil
                invocation.isJSON
                    ? printJSON(failures, of: set, coverage, invocation)
                    : print(failures, of: set, coverage, rules, invocation)
                return failures.isEmpty && coverage?.gaps(in: set).isEmpty ?? true ? .ok : .failed
            }
        })

    private struct Failure {
        let test: RuleTest
        let reasons: [String]
    }
}

extension Command {
    private static func mismatches(_ test: RuleTest, _ set: RuleSet, _ rules: RulesAtHand) -> [String] {
        let request = test.request
        do throws(WireError) {
            let call = try SpelledCall.read(request)
            return test.mismatch(with: set.judge(call, at: rules.now))
        } catch {
            // A test may expect just that: `disposition: refuse`, or the code as `error`.
            let expected = test.expectation
            let isExpected = (expected.disposition ?? .refuse, expected.error ?? error.code) == (.refuse, error.code)
            let saysSo = expected.disposition != nil || expected.error != nil
            return isExpected && saysSo ? [] : ["no rule sees this call, it is refused as \(error.code): \(error)"]
        }
    }

    private static func coverage(of set: RuleSet, _ rules: RulesAtHand) -> Coverage {
        var coverage = Coverage()
        for test in set.tests {
            // A call that is refused while it is read reaches no rule.
            guard let call = try? SpelledCall.read(test.request) else { continue }
            coverage.note(set.explain(call, at: rules.now))
        }
        return coverage
    }

    private static func print(
        _ failures: [Failure], of set: RuleSet, _ coverage: Coverage?, _ rules: RulesAtHand, _ invocation: Invocation
    ) {
        let terminal = invocation.terminal
        for failure in failures {
            let request = failure.test.request
            terminal.print(
                "\(terminal.styled("failed", .red)) \(failure.test.source): \(visible("\(request.method) \(request.url)"))"
            )
            for reason in failure.reasons { terminal.print("    \(visible(reason, limit: 400))") }
        }
        let found = failures.isEmpty ? "all as expected" : "\(failures.count) not as expected"
        let judgement = terminal.styled(found, failures.isEmpty ? .green : .red)
        terminal.print("\(rules.size), \(counted(set.tests.count, "test")): \(judgement)")
        guard let coverage else { return }
        let gaps = coverage.gaps(in: set)
        for gap in gaps {
            terminal.print("\(terminal.styled("untested", .yellow)) \(gap.source): \(gap.rule): \(gap.what)")
        }
        let rest = gaps.isEmpty ? "every condition both ways" : counted(gaps.count, "gap")
        terminal.print("\(coverage.summary(of: set)), \(rest)")
    }

    private static func printJSON(
        _ failures: [Failure], of set: RuleSet, _ coverage: Coverage?, _ invocation: Invocation
    ) {
        invocation.terminal.print(
            json: JSONWriter.object { document in
                document.field("ok", failures.isEmpty)
                document.field("tests", set.tests.count)
                document.field("failed", failures.count)
                document.array("failures") { array in
                    for failure in failures {
                        array.object {
                            $0.field("source", failure.test.source)
                            $0.field("pack", failure.test.pack)
                            $0.field("method", failure.test.request.method)
                            $0.field("url", failure.test.request.url)
                            $0.array("reasons", failure.reasons)
                        }
                    }
                }
                guard let coverage else { return }
                document.array("gaps") { array in
                    for gap in coverage.gaps(in: set) {
                        array.object {
                            $0.field("rule", gap.rule)
                            $0.field("source", gap.source)
                            $0.field("what", gap.what)
                        }
                    }
                }
            })
    }
}
