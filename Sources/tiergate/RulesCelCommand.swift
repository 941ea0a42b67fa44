import CEL
import Calls
import JSON
import System

extension Command {
    static let rulesCel = Command(
        name: "rules cel", summary: "evaluate an expression of the language that conditions are written in",
        operands: [Operand(name: "EXPR", help: "the expression, in quotes for the shell", isRequired: false)],
        options: [
            Option(
                name: "--body", value: "FILE", help: "a JSON document that the expression reads as `body`",
                completion: .file),
            Option(
                name: "--cases", value: "FILE", help: "typed cases, one JSON object a line, instead of an expression",
                completion: .file),
        ],
        details: """
            The Common Expression Language with the functions that rules have. The expression is checked as a condition \
            is: what does not fit is shown with its place.

            `sql.kind(text)` goes by the words of SQL, and knows the usual functions that execute or reach out; a SELECT of \
            a function of your own counts as reading, whatever that does.

            A line of --cases has `expr`, and may have `id`, `bindings` (typed values by name), `type_env` \
            (declarations), `container`, `disable_check` and `check_only`. A line comes out for each: {"id", "value"} \
            or {"id", "error"}; values are written with their types, as {"t": "int", "v": "5"}.
            """,
        examples: [
            Example("tiergate rules cel \"'/workspace/../etc'.under('/workspace')\"", "false: it is not under it"),
            Example("tiergate rules cel --body refund.json \"int(body.amount) > 1000\"", "a condition on a real body"),
            Example("tiergate rules cel --cases cases.jsonl", "the results of a test suite"),
        ],
        run: { invocation in
            if let path = invocation.value("--cases") {
                guard invocation.operands.isEmpty else {
                    return invocation.fail(.usage, "an expression and --cases exclude each other")
                }
                return cases(path, invocation)
            }
            guard let source = invocation.operands.first else {
                return invocation.fail(
                    .usage, "an expression is missing", help: "tiergate rules cel \"size('text') > 3\"")
            }
            return expression(source, invocation)
        })

    /// Zones of the system; what has no file there is none.
    private static let zones: @Sendable (Text) -> [UInt8]? = { name in
        try? Files.read("/usr/share/zoneinfo/\(name)", limit: 64 << 10)
    }

    // MARK: An expression

    private static func expression(_ source: String, _ invocation: Invocation) -> ExitStatus {
        var body: Value?
        if let path = invocation.value("--body") {
            do {
                body = Value(try JSONDocument.parse(try Files.read(path)))
            } catch {
                return invocation.fail(.usage, "cannot read the body: \(error)")
            }
        }
        var environment = CEL.Environment(body.map { _ in [.init("body", .dyn)] } ?? [])
        environment.zones = zones
        var table = SlotTable()
        do throws(CompileFailure) {
            let program = try environment.compile(Array(source.utf8), slots: &table)
            let slots = table.references.map { _ in body ?? .absent(.unbound) }
            do throws(EvaluationError) {
                let value = try program.evaluate(slots.span)
                guard !value.isLarger(than: Limits.written) else {
                    return invocation.fail(.failed, "the value is too large to be written")
                }
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object { $0.raw("value", value.typed) })
                } else {
                    invocation.terminal.print(value.literal.string)
                }
                return .ok
            } catch {
                return refuse(
                    [
                        Refusal(
                            message: error.description, help: nil,
                            span: error.span.map { Int($0.lowerBound)..<Int($0.upperBound) })
                    ], of: source, invocation)
            }
        } catch {
            return refuse(
                error.diagnostics.map { Refusal(message: $0.message, help: $0.help, span: $0.span) }, of: source,
                invocation)
        }
    }

    private struct Refusal {
        let message: String
        let help: String?
        let span: Range<Int>?
    }

    private static func refuse(_ refusals: [Refusal], of source: String, _ invocation: Invocation) -> ExitStatus {
        let bytes = Array(source.utf8)
        if invocation.isJSON {
            let document = JSONWriter.object { document in
                document.array("errors") { array in
                    for refusal in refusals {
                        array.object { object in
                            object.field("message", refusal.message)
                            object.field("help", refusal.help)
                            if let span = refusal.span {
                                object.field("from", span.lowerBound)
                                object.field("to", span.upperBound)
                            }
                        }
                    }
                }
            }
            invocation.terminal.print(json: document)
            return .failed
        }
        for refusal in refusals {
            invocation.terminal.fail(visible(refusal.message), help: nil)
            if let span = refusal.span, !source.contains("\n") {
                let start = min(span.lowerBound, bytes.count)
                let column = bytes[..<start].count { $0 & 0xC0 != 0x80 }
                let length = bytes[start..<min(span.upperBound, bytes.count)].count { $0 & 0xC0 != 0x80 }
                invocation.terminal.note("  " + visible(source))
                invocation.terminal.note(
                    "  " + String(repeating: " ", count: column) + String(repeating: "^", count: max(1, length)))
            }
            if let help = refusal.help { invocation.terminal.note("  help: \(visible(help))") }
        }
        return .failed
    }

    // MARK: Cases

    private static func cases(_ path: String, _ invocation: Invocation) -> ExitStatus {
        let bytes: [UInt8]
        do throws(IOError) {
            bytes = try Files.read(path, limit: 1 << 30)
        } catch {
            return invocation.fail(.usage, "cannot read the cases: \(error)")
        }
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            invocation.terminal.print(json: result(of: Array(line)))
        }
        return .ok
    }

    private static func result(of line: [UInt8]) -> [UInt8] {
        let root: JSONNode
        do throws(JSONError) {
            root = try JSONDocument.parse(line, limits: JSONLimits(bytes: 64 << 20)).root
        } catch {
            return JSONWriter.object { $0.field("error", "the line is not JSON: \(error)") }
        }
        return JSONWriter.object { object in
            object.field("id", root["id"]?.text)
            do throws(EvaluationCase.Refusal) {
                switch try EvaluationCase(root, zones: zones).run() {
                case .value(let value): object.raw("value", value.typed)
                case .type(let type): object.field("type", type.description)
                case .error(let message): object.field("error", message)
                }
            } catch {
                object.field("error", error.message)
            }
        }
    }
}
