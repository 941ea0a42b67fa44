import Calls
import JSON
import Rules
import System
import Wire

extension Command {
    static let rulesExplain = Command(
        name: "rules explain", summary: "show why the rules say what they say of one call",
        operands: [
            Operand(name: "METHOD", help: "the method of the call", isRequired: false),
            Operand(name: "URL", help: "where it goes", isRequired: false),
        ],
        options: [
            Option(name: "--header", value: "NAME:VALUE", help: "a header of the call", repeats: true),
            Option(name: "--body", value: "TEXT", help: "its body, as it would be on the wire"),
            Option(name: "--calls", value: "FILE", help: "take the call from a file of calls", completion: .file),
            Option(name: "--id", value: "ID", help: "which call of the file; without it, the first"),
            Option(
                name: "--rules", value: "DIR", help: "rules to judge by; without any, those of the settings",
                repeats: true, completion: .directory),
            .config,
        ],
        details: """
            Every rule whose match fits is listed with what became of it and with the value of each part of its \
            conditions, as a tree. Nothing is sent. Values of the call are shown, so mind where the output goes.
            """,
        examples: [
            Example("tiergate rules explain DELETE https://api.github.com/repos/o/r", "who holds this call, and why"),
            Example(
                "tiergate rules explain --calls calls.jsonl --id stripe-011 --rules rules/", "a call of a file"),
        ],
        run: { invocation in
            invocation.withSoundRules(invocation.values("--rules")) { set, rules in
                do {
                    let call = try spelledCall(invocation)
                    let explanation = set.explain(call, at: rules.now)
                    invocation.isJSON
                        ? invocation.terminal.print(json: document(explanation))
                        : print(explanation, invocation.terminal)
                    return .ok
                } catch let reason as SpelledCall.Reason {
                    return invocation.fail(.usage, reason.sentence)
                } catch let refusal as WireError {
                    return invocation.fail(
                        .failed, "no rule sees this call, it is refused as \(refusal.code): \(refusal)")
                } catch {
                    return invocation.fail(.usage, "\(error)")
                }
            }
        })
}

extension Command {
    private static func spelledCall(_ invocation: Invocation) throws -> Call {
        if let path = invocation.value("--calls") {
            let wanted = invocation.value("--id")
            for line in try Files.read(path, limit: 1 << 30).split(separator: 0x0A) {
                guard let root = try? JSONDocument.parse(Array(line)).root else { continue }
                guard wanted == nil || root["id"]?.text?.string == wanted || root["id"]?.number?.string == wanted else {
                    continue
                }
                return try SpelledCall.read(line: root).get()
            }
            throw SpelledCall.Reason(sentence: "there is no such call in \(path)")
        }
        guard invocation.operands.count == 2 else {
            throw SpelledCall.Reason(sentence: "name a method and a URL, or a file with --calls")
        }
        let fields = try invocation.values("--header").map { header in
            guard let colon = header.firstIndex(of: ":") else {
                throw SpelledCall.Reason(sentence: "a header is written NAME:VALUE")
            }
            let value = header[header.index(after: colon)...].drop { $0 == " " }
            return (name: String(header[..<colon]), value: String(value))
        }
        return try SpelledCall.read(
            method: Text(invocation.operands[0]), url: Text(invocation.operands[1]), fields: fields,
            body: invocation.value("--body").map { Array($0.utf8) })
    }

    private static func print(_ explanation: Explanation, _ terminal: Terminal) {
        let verdict = explanation.verdict
        let tier = "tier \(verdict.tier.rawValue), \(verdict.tier.name)"
        terminal.print("\(terminal.styled(verdict.disposition.rawValue, .bold)): \(tier): \(verdict.reason)")
        for summary in verdict.summaries { terminal.print("  \(summary)") }
        for entry in explanation.entries {
            let weight = entry.weight.map { $0 > 4 ? "block" : "tier \($0)" } ?? "silent"
            let claim = entry.mayClaim ? "" : ", cannot claim this call"
            terminal.print("\(entry.standing.rawValue): \(entry.rule) (\(entry.source)): \(weight)\(claim)")
            if let failure = entry.failure { terminal.print("  failed: \(failure)") }
            for condition in entry.conditions {
                terminal.print("  \(condition.place)")
                for part in condition.parts {
                    let indent = String(repeating: "  ", count: part.depth + 2)
                    let value = part.isError ? "error \(part.value)" : part.value
                    terminal.print("\(indent)\(visible(part.source, limit: 120)) = \(value)")
                }
            }
        }
        if explanation.entries.isEmpty { terminal.print("no rule fits this call") }
    }

    private static func document(_ explanation: Explanation) -> [UInt8] {
        JSONWriter.object { document in
            document.field("tier", explanation.verdict.tier.rawValue)
            document.field("disposition", explanation.verdict.disposition.rawValue)
            document.field("reason", explanation.verdict.reason)
            document.array("rules") { array in
                for entry in explanation.entries {
                    array.object { rule in
                        rule.field("rule", entry.rule)
                        rule.field("pack", entry.pack)
                        rule.field("source", entry.source)
                        rule.field("operation", entry.operation)
                        rule.field("standing", entry.standing.rawValue)
                        if let weight = entry.weight { rule.field("weight", weight) } else { rule.null("weight") }
                        rule.field("failure", entry.failure)
                        rule.field("may_claim", entry.mayClaim)
                        rule.array("conditions") { conditions in
                            for condition in entry.conditions {
                                conditions.object { write(condition, into: &$0) }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ condition: Explanation.Condition, into object: inout JSONWriter.Object) {
        object.field("place", condition.place)
        if let holds = condition.holds { object.field("holds", holds) } else { object.null("holds") }
        object.array("parts") { parts in
            for part in condition.parts {
                parts.object {
                    $0.field("source", part.source)
                    $0.field("depth", part.depth)
                    $0.field("value", part.value)
                    $0.field("error", part.isError)
                }
            }
        }
    }
}
