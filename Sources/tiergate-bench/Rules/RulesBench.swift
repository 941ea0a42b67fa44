import CAllocations
import Calls
import Glibc
import JSON
import Rules
import System

/// What a decision takes: by rules, by conditions on one route, and beside others in the same run.
enum RulesBench {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Sendable static func run(_ words: [String]) -> CInt {
        do {
            let options = try Options(words, known: ["--python", "--rules", "--rounds", "--packs"])
            let rounds = try options.count("--rounds", or: 400, in: 10...1_000_000)
            let most = try options.count("--rules", or: 100_000, in: 10...100_000)
            print("CPU time of one thread, the best of \(rounds) rounds over 256 calls\n")
            try decisions(upTo: most, rounds)
            try crowds(rounds)
            if let packs = options.text("--packs") {
                print(try PackLoad.report(packs, now: now))
            } else {
                print("Packs from their files: --packs rules\n")
            }
            try peers(options.text("--python"))
            return 0
        } catch let misuse as Options.Misuse {
            StandardError.write("tiergate-bench: \(misuse)\n")
            return 2
        } catch {
            StandardError.write("tiergate-bench: \(error)\n")
            return 1
        }
    }

    private struct Unloadable: Error, CustomStringConvertible {
        let description: String
    }

    private static func load(_ sources: [RuleSource]) throws -> (set: RuleSet, nanoseconds: Double) {
        var loaded: (RuleSet?, [Diagnostic]) = (nil, [])
        let taken = cpu { loaded = RuleSet.load(sources, digest: "d", now: now) }
        guard let set = loaded.0 else { throw Unloadable(description: loaded.1.first?.rendered ?? "no rules") }
        return (set, taken)
    }

    private static func decisions(upTo most: Int, _ rounds: Int) throws {
        var table = TextTable(head: [
            "rules", "load us/rule", "decision ns", "with condition ns", "with 1 KB body ns", "of it parse ns",
            "allocations",
        ])
        for rules in [10, 100, 1000, 10_000, 100_000] where rules <= most {
            let load = RuleLoad(rules: rules)
            let plain = try self.load(load.sources())
            let asking = try self.load(load.sources(condition: "body.amount > 100 && body.currency == 'usd'"))
            let bare = load.calls(.none)
            let bytes = RuleLoad.body(amount: 250)
            let full = load.calls(.json(try JSONDocument.parse(bytes)))
            let decision = best(rounds) { for call in bare { weigh(plain.set, call) } }
            let condition = best(rounds) { for call in full { weigh(asking.set, call) } }
            let parse = best(rounds) {
                for _ in 0..<256 { sink &+= (try? JSONDocument.parse(bytes))?.bytes.count ?? 0 }
            }
            let before = tg_allocations()
            for call in bare { weigh(plain.set, call) }
            for call in full { weigh(asking.set, call) }
            let allocations = tg_allocations() - before
            table.rows.append([
                "\(rules)", Decimal.text(plain.nanoseconds / Double(rules) / 1000, places: 1),
                Decimal.text(decision / 256, places: 0), Decimal.text(condition / 256, places: 0),
                Decimal.text((condition + parse) / 256, places: 0), Decimal.text(parse / 256, places: 0),
                "\(allocations)",
            ])
        }
        print(table.text)
    }

    private static func crowds(_ rounds: Int) throws {
        var table = TextTable(head: ["10,000 conditions on one route", "load us/rule", "decision ns", "allocations"])
        let load = RuleLoad(rules: 10_000)
        let shapes: [(String, (Int) -> String)] = [
            ("body.id == 'acct-N'", { "body.id == 'acct-\($0)'" }),
            ("N*10 <= body.amount < N*10+10", { "body.amount >= \($0 * 10) && body.amount < \($0 * 10 + 10)" }),
        ]
        for (name, condition) in shapes {
            let loaded = try self.load(load.crowd(condition))
            let calls = try (0..<256).map { number in
                let text = #"{"id":"acct-\#(number * 39)","amount":\#(number * 390)}"#
                return RuleLoad.call(
                    host: "api.example.com", path: ["v1", "pay"], .json(try JSONDocument.parse(Array(text.utf8))))
            }
            let decision = best(rounds) { for call in calls { weigh(loaded.set, call) } }
            let before = tg_allocations()
            for call in calls { weigh(loaded.set, call) }
            table.rows.append([
                name, Decimal.text(loaded.nanoseconds / 10_000 / 1000, places: 1),
                Decimal.text(decision / 256, places: 0),
                "\(tg_allocations() - before)",
            ])
        }
        print(table.text)
    }

    /// What asking one rule after the other takes in evaluators that others use.
    private static func peers(_ python: String?) throws {
        guard let python else {
            print(
                """
                Others in the same run: python3 -m venv /tmp/cel && /tmp/cel/bin/pip install cel-expr-python \
                common-expression-language, then --python /tmp/cel/bin/python
                """)
            return
        }
        let directory = try ScratchDirectory(in: nil)
        defer { directory.remove() }
        print(try Program.run([python, "-c", PeerScript.text], in: directory))
    }

    nonisolated(unsafe) private static var sink = 0

    @inline(never)
    private static func weigh(_ set: RuleSet, _ call: Call) { sink &+= set.weigh(call, at: now) }

    private static func best(_ rounds: Int, _ body: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<rounds { best = min(best, cpu(body)) }
        return best
    }

    /// Nanoseconds of this thread: other programs of the machine do not count.
    static func cpu(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
        }
        let began = now()
        body()
        return now() - began
    }
}
