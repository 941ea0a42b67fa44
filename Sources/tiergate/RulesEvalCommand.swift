import Calls
import JSON
import Rules
import System

extension Command {
    static let rulesEval = Command(
        name: "rules eval", summary: "judge the calls of a file, a verdict a line",
        options: [
            Option(name: "--calls", value: "FILE", help: "calls, one JSON object a line", completion: .file),
            Option(
                name: "--rules", value: "DIR", help: "rules to judge by; without any, those of the settings",
                repeats: true, completion: .directory),
            .config,
        ],
        details: """
            A line has `method` and `url`, and may have `id`, `headers` (an object), `body` (text, as it would be on \
            the wire) or `body_b64`. The decoder that reads real calls reads these: what it would refuse is a verdict \
            `refuse` with the reason. Nothing is sent.

            With --json a line comes out for each line that went in: {"id", "tier", "category", "disposition", \
            "rules", "flags", "summary", "reason"}.
            """,
        examples: [
            Example("tiergate rules eval --calls calls.jsonl", "which of yesterday's calls would be held"),
            Example(
                "tiergate rules eval --rules rules/ --calls calls.jsonl --json | jq -r 'select(.tier == 4).id'",
                "the ids of the irreversible ones"),
        ],
        run: { invocation in
            guard let path = invocation.value("--calls") else {
                return invocation.fail(.usage, "--calls is missing", help: "tiergate rules eval --calls FILE")
            }
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try Files.read(path, limit: 1 << 30)
            } catch {
                return invocation.fail(.usage, "cannot read the calls: \(error)")
            }
            return invocation.withSoundRules(invocation.values("--rules")) { set, rules in
                for (line, number) in zip(bytes.split(separator: 0x0A, omittingEmptySubsequences: false), 1...) {
                    guard line.contains(where: { $0 > 0x20 }) else { continue }
                    let judged = JudgedLine(Array(line), number, set, at: rules.now)
                    if invocation.isJSON {
                        invocation.terminal.print(json: judged.document)
                    } else {
                        invocation.terminal.print(judged.text(invocation.terminal))
                    }
                }
                return .ok
            }
        })
}

/// A line of calls with what would become of it.
private struct JudgedLine {
    /// As the line has it: text or a number.
    private let id: [UInt8]?
    private let number: Int
    private let verdict: Verdict

    init(_ line: [UInt8], _ number: Int, _ set: RuleSet, at now: Timestamp) {
        self.number = number
        let root: JSONNode
        do throws(JSONError) {
            root = try JSONDocument.parse(line, limits: JSONLimits(bytes: 64 << 20)).root
        } catch {
            id = nil
            verdict = Self.refusal("the line is not JSON: \(error)", set)
            return
        }
        id = root["id"].map { Array($0.spelling) }
        switch SpelledCall.read(line: root) {
        case .success(let call): verdict = set.judge(call, at: now)
        case .failure(let reason): verdict = Self.refusal(reason.sentence, set)
        }
    }

    private static func refusal(_ reason: String, _ set: RuleSet) -> Verdict {
        Verdict(tier: .irreversible, disposition: .refuse, reason: reason, rulesDigest: set.digest)
    }

    var document: [UInt8] {
        JSONWriter.object { line in
            if let id { line.raw("id", id) } else { line.null("id") }
            line.field("tier", verdict.tier.rawValue)
            line.field("category", verdict.category?.rawValue)
            line.field("disposition", verdict.disposition.rawValue)
            line.array("rules", verdict.matches.map(\.rule))
            line.array("flags", verdict.flags.map(\.rawValue))
            line.field("summary", verdict.summaries.joined(separator: "; "))
            line.field("reason", verdict.reason)
        }
    }

    func text(_ terminal: Terminal) -> String {
        let style: Terminal.Style =
            switch verdict.disposition {
            case .pass: .green
            case .hold: .yellow
            case .refuse: .red
            }
        let name = visible(id.map { String(decoding: $0, as: UTF8.self) } ?? "line \(number)")
        let rest = verdict.summaries.isEmpty ? verdict.reason : verdict.summaries.joined(separator: "; ")
        return "\(terminal.styled(verdict.disposition.rawValue, style)) \(verdict.tier.rawValue) \(name): \(rest)"
    }
}
