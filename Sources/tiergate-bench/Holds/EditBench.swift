import Calls
import Crypto
import Holds
import JSON
import Proxy
import Rules
import System

/// What it takes until a call that a person changed is judged again: changed, written as bytes, read, judged, digested.
enum EditBench {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Sendable static func run(_ words: [String]) -> CInt {
        do {
            let options = try Options(words, known: ["--rounds", "--rules"])
            let rounds = try options.count("--rounds", or: 400, in: 10...1_000_000)
            let rules = try options.count("--rules", or: 10_000, in: 10...100_000)
            var table = TextTable(head: ["an edit judged again, \(rules) rules", "median us", "slowest us"])
            let load = RuleLoad(rules: rules)
            guard let set = RuleSet.load(load.sources(condition: "body.amount > 100"), digest: "d", now: now).0 else {
                throw Unmeasured(description: "the rules do not load")
            }
            for size in [1, 16, 256] {
                var times = try (0..<rounds).map { round in try edit(set, kilobytes: size, amount: round) }
                times.sort()
                table.rows.append([
                    "\(size) KB of JSON", Decimal.text(times[times.count / 2] / 1000, places: 1),
                    Decimal.text((times.last ?? 0) / 1000, places: 1),
                ])
            }
            print("CPU time of one thread, \(rounds) edits each\n")
            print(table.text)
            return 0
        } catch let misuse as Options.Misuse {
            StandardError.write("tiergate-bench: \(misuse)\n")
            return 2
        } catch {
            StandardError.write("tiergate-bench: \(error)\n")
            return 1
        }
    }

    private struct Unmeasured: Error, CustomStringConvertible {
        let description: String
    }

    /// Nanoseconds of one edit.
    private static func edit(_ set: RuleSet, kilobytes: Int, amount: Int) throws -> Double {
        let line = #"{"id":"item","price":19.90,"note":"as it was ordered"}"#
        let lines = Array(repeating: line, count: kilobytes * 1024 / line.utf8.count).joined(separator: ",")
        let call = RuleLoad.call(
            host: "api7.example.com", path: ["v1", "things0", "x"],
            .json(try JSONDocument.parse(Array(#"{"amount":2500,"items":[\#(lines)]}"#.utf8))))
        guard case .json(let document) = call.document else { throw Unmeasured(description: "no body") }
        let held = Call(
            id: call.id, session: call.session, method: "POST", target: call.target,
            fields: ["Content-Type": "application/json", "Authorization": "Bearer x"], body: .bytes(document.bytes),
            document: call.document, operations: call.operations, principal: call.principal)
        let digest = SHA256.digest([])
        let verdict = set.judge(held, at: now)
        let hold = Hold(
            id: HoldID(random: 7), session: call.session, call: call.id, digest: digest, repeatKey: digest,
            idempotency: nil, created: now, facts: Hold.Facts(held, verdict, verdict.terms), expires: now)
        let change = CallEdit(values: [("amount", "\(amount)")])
        var failure: (any Error)?
        let taken = RulesBench.cpu {
            do {
                let content = CallArchive.encode(try change.apply(to: held))
                let read = try CallArchive.decode(content, hold) { _ in .none }
                let again = set.judge(read, at: now)
                guard case .bytes(let bytes) = read.body else { throw Unmeasured(description: "no body") }
                let input = ActionBytes.digestInput(read, bodyDigest: SHA256.digest(bytes))
                guard SHA256.digest(input) != digest, again.rulesDigest == verdict.rulesDigest else {
                    throw Unmeasured(description: "it was not judged")
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return taken
    }
}
