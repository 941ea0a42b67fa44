import Calls
import JSON
import Rules
import System

extension Command {
    static let rulesDiff = Command(
        name: "rules diff", summary: "say which calls two sets of rules judge differently",
        operands: [
            Operand(name: "OLD", help: "a directory or file of rules", completion: .directory),
            Operand(name: "NEW", help: "another", completion: .directory),
        ],
        options: [
            Option(name: "--calls", value: "FILE", help: "calls to judge besides the tests of both", completion: .file)
        ],
        details: """
            The calls are those that stand as tests in either set, and those of --calls. Ends with status 1 where a call \
            is loosened.
            """,
        examples: [
            Example("tiergate rules diff /etc/tiergate/rules rules/", "before an upgrade"),
            Example("tiergate rules diff main/rules rules --calls last-week.jsonl", "in a pull request"),
        ],
        run: { invocation in
            invocation.withSoundRules([invocation.operands[0]], asIfGranted: true) { old, rules in
                invocation.withSoundRules([invocation.operands[1]], asIfGranted: true) { new, _ in
                    let changes: [Change]
                    do throws(IOError) {
                        changes = try calls(old, new, invocation).compactMap { Change($0, old, new, at: rules.now) }
                    } catch {
                        return invocation.fail(.usage, "cannot read the calls: \(error)")
                    }
                    invocation.isJSON ? printJSON(changes, invocation) : print(changes, invocation)
                    return changes.contains(where: \.isLoosened) ? .failed : .ok
                }
            }
        })

    private struct Change {
        let name: String
        let before: Verdict
        let after: Verdict

        init?(_ call: (name: String, call: Call), _ old: RuleSet, _ new: RuleSet, at now: Timestamp) {
            name = call.name
            before = old.judge(call.call, at: now)
            after = new.judge(call.call, at: now)
            guard weight(before) != weight(after) || before.terms.approvers != after.terms.approvers else { return nil }
        }

        var isLoosened: Bool { weight(after) < weight(before) }

        var word: String { weight(after) == weight(before) ? "asks others" : isLoosened ? "loosened" : "tightened" }

        private func weight(_ verdict: Verdict) -> Int {
            verdict.disposition == .refuse ? 5 : verdict.tier.rawValue
        }
    }
}

extension Command {
    private static func calls(
        _ old: RuleSet, _ new: RuleSet, _ invocation: Invocation
    ) throws(IOError) -> [(name: String, call: Call)] {
        var calls: [(name: String, call: Call)] = []
        for test in old.tests + new.tests {
            guard let call = try? SpelledCall.read(test.request) else { continue }
            calls.append(("\(test.request.method) \(test.request.url) (\(test.source))", call))
        }
        guard let path = invocation.value("--calls") else { return calls }
        for line in try Files.read(path, limit: 1 << 30).split(separator: 0x0A) {
            guard let root = try? JSONDocument.parse(Array(line)).root,
                case .success(let call) = SpelledCall.read(line: root)
            else { continue }
            calls.append((root["id"]?.text?.string ?? call.target.description, call))
        }
        return calls
    }

    private static func print(_ changes: [Change], _ invocation: Invocation) {
        let terminal = invocation.terminal
        for change in changes {
            let style: Terminal.Style = change.isLoosened ? .red : .green
            let tiers = "\(describe(change.before)) to \(describe(change.after))"
            terminal.print("\(terminal.styled(change.word, style)) \(visible(change.name)): \(tiers)")
            terminal.print("    was: \(change.before.reason)")
            terminal.print("    now: \(change.after.reason)")
        }
        let loosened = changes.count(where: \.isLoosened)
        terminal.print("\(counted(changes.count, "call")) judged differently, \(loosened) loosened")
    }

    private static func describe(_ verdict: Verdict) -> String {
        verdict.disposition == .refuse ? "block" : "tier \(verdict.tier.rawValue)"
    }

    private static func printJSON(_ changes: [Change], _ invocation: Invocation) {
        invocation.terminal.print(
            json: JSONWriter.object { document in
                document.field("loosened", changes.count(where: \.isLoosened))
                document.array("changes") { array in
                    for change in changes {
                        array.object {
                            $0.field("call", change.name)
                            $0.field("change", change.word)
                            $0.field("before", change.before.tier.rawValue)
                            $0.field("after", change.after.tier.rawValue)
                            $0.field("was", change.before.reason)
                            $0.field("now", change.after.reason)
                        }
                    }
                }
            })
    }
}
