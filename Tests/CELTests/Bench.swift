import CEL
import JSON
import Testing

/// What the suites of the language share: an environment as conditions have it, and one call.
enum Bench {
    static func environment() -> CEL.Environment {
        var environment = CEL.Environment([
            .init("amount", .int), .init("currency", .string), .init("body", .dyn, hasPaths: true),
            .init("params", .record("params", ["owner": .string, "repo": .string]), hasPaths: true),
            .init("tags", .list(.string)), .init("now", .timestamp),
            .init("lists", .record("lists", ["orgs": .list(.string)]), hasPaths: true),
        ])
        environment.zones = { $0 == "Test/Berlin" ? TimeZoneTests.berlin : nil }
        return environment
    }

    static let body =
        #"{"amount": 2500, "to": ["a@b.test", "c@d.test"], "n": {"x": null}, "big": 18446744073709551616, "half": 0.5, "u": "e\u0301"}"#

    static func slots(_ table: SlotTable, body text: String = body) -> [Value] {
        let root = (try? JSONDocument.parse(Array(text.utf8))).map { Value($0) } ?? .null
        return table.references.map { reference in
            switch reference.variable {
            case "amount": .int(20_000)
            case "currency": .text("usd")
            case "tags": .list([.text("a"), .text("b")])
            case "params": reference.path == ["owner"] ? .text("acme") : .absent(.noSuchKey)
            case "lists": .list([.text("acme"), .text("other")])
            case "body": read(reference.path, of: root)
            default: .absent(.unbound)
            }
        }
    }

    private static func read(_ path: [Text], of root: Value) -> Value {
        var value = root
        for (place, key) in path.enumerated() {
            guard case .json(let tree, let index) = value else { return .absent(.notMap) }
            guard let member = tree.member(key.bytes.span, of: Int(index)) else {
                return .absent(place == path.count - 1 ? .noSuchKey : .noContainer)
            }
            value = Value(tree, member)
        }
        return value
    }

    /// The value as an expression writes it, or what stands in the way.
    static func run(
        _ source: String, _ environment: CEL.Environment = environment(), body: String = body
    ) -> String {
        var table = SlotTable()
        do throws(CompileFailure) {
            let program = try environment.compile(Array(source.utf8), slots: &table)
            let slots = slots(table, body: body)
            do throws(EvaluationError) {
                return try program.evaluate(slots.span).literal.string
            } catch {
                return "error: \(error.kind.rawValue)"
            }
        } catch {
            return "refused: \(error.diagnostics.map(\.code.rawValue).joined(separator: ", "))"
        }
    }
}
