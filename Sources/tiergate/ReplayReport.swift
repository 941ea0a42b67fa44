import Calls
import JSON
import Proxy
import Rules

/// What a replay came to, for people and for programs.
struct ReplayReport {
    let replay: RulesReplay
    let source: RecordingSource
    let milliseconds: Int64

    /// Findings and changes that are printed; --json has all of them.
    private static let longest = 40

    private var rate: Int { Int(Double(replay.calls) * 1000 / Double(max(1, milliseconds))) }
    private var isCompared: Bool { replay.next != nil }

    // MARK: Text

    func print(on terminal: Terminal) {
        for finding in source.findings.prefix(Self.longest) { terminal.warn(visible(finding)) }
        if source.findings.count > Self.longest {
            terminal.warn("and \(source.findings.count - Self.longest) more; --json has them all")
        }
        for (reason, calls) in replay.unreadable.sorted(by: { $0.key < $1.key }) {
            terminal.warn("\(counted(calls, "call")) cannot be read any more: \(visible(reason))")
        }
        if replay.strayed > 0 {
            terminal.warn(
                "\(counted(replay.strayed, "call")) judged otherwise than the gate did by these very rules, for example "
                    + "\(replay.firstStray ?? ""): what decided was taken out of the recording")
        }
        guard let from = replay.from, let to = replay.to else {
            return terminal.print("no calls\(source.since == nil ? "" : " since then") in \(source.place.directory)")
        }
        let days = QueueForecast.days(from: from, to: to)
        terminal.print(
            "\(counted(replay.calls, "call")) of \(counted(days, "day")), \(from) to \(to), from "
                + counted(source.files, "file"))
        if case .journal = source.place {
            terminal.print(
                "judged by their heads alone: a rule that needs more counts with its highest tier, and each held call "
                    + "counts as a hold of its own")
        } else if replay.withheld > 0 {
            terminal.print(
                "\(counted(replay.withheld, "body", "bodies")) not in the recording: judged as too large to read")
        }
        terminal.print("")
        printChanges(on: terminal)
        printTiers(on: terminal)
        printForecast(from, to, on: terminal)
        terminal.print("")
        terminal.print("\(rate) calls/s")
    }

    private func printChanges(on terminal: Terminal) {
        let changes = replay.ordered
        for (key, change) in changes.prefix(Self.longest) {
            let style: Terminal.Style = key.kind == .loosened ? .red : key.kind == .tightened ? .green : .yellow
            let tiers =
                key.before == key.after
                ? Self.tier(key.before) : "\(Self.tier(key.before)) to \(Self.tier(key.after))"
            terminal.print(
                "\(terminal.styled(key.kind.word, style)) \(counted(change.calls, "call")), \(tiers): "
                    + "\(Self.names(key.was)) before, \(Self.names(key.now)) now")
            terminal.print(
                "    e.g. \(visible(change.example.call)) (\(change.example.time), \(visible(change.example.session.description)))"
            )
            if let was = change.example.was { terminal.print("    was: \(visible(was))") }
            terminal.print("    now: \(visible(change.example.now))")
        }
        if changes.count > Self.longest { terminal.print("… and \(changes.count - Self.longest) more; --json has all") }
        let (loosened, tightened) = (replay.count(.loosened), replay.count(.tightened))
        let others = replay.count(.asksOthers)
        let than = isCompared ? "by the new rules" : "than the gate did"
        terminal.print(
            "\(counted(loosened + tightened + others, "call")) judged differently \(than): \(loosened) loosened, "
                + "\(tightened) tightened" + (others > 0 ? ", \(others) ask others" : ""))
        terminal.print("")
    }

    private func printTiers(on terminal: Terminal) {
        func line(_ name: String, _ weights: [Int]) {
            let columns = (1...5).map { Self.right("\(weights[$0])", 12) }.joined()
            terminal.print(Columns.padded(name, 20) + columns)
        }
        let head = (1...5).map { Self.right(Self.tier($0), 12) }.joined()
        terminal.print(Columns.padded("calls", 20) + head)
        line("the gate said", replay.recorded)
        line(isCompared ? "the rules say" : "these rules say", replay.before)
        if isCompared { line("the new rules say", replay.after) }
        terminal.print("")
    }

    private func printForecast(_ from: Timestamp, _ to: Timestamp, on terminal: Terminal) {
        terminal.print(
            Columns.padded("holds", 34) + Self.right("all", 9) + Self.right("a day", 10) + Self.right("p95 day", 9)
                + "  busiest hour (UTC)")
        var sets = [(isCompared ? "rules" : "these rules", replay.forecast)]
        if isCompared { sets.append(("new rules", replay.nextForecast)) }
        for (name, forecast) in sets {
            let loads = forecast.loads(from: from, to: to)
            if loads.isEmpty { terminal.print("\(name): none") }
            for load in loads {
                let hour = load.busiestHour.description.prefix(13).replacing("T", with: " ")
                terminal.print(
                    Columns.padded(Columns.cut("\(name): \(visible(load.group))", 34), 34)
                        + Self.right("\(load.holds)", 9)
                        + Self.right(Self.decimal(load.perDay), 10) + Self.right("\(load.p95)", 9)
                        + "  \(hour) h: \(load.busiestHolds)")
            }
        }
    }

    private static func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(1, columns - text.utf8.count)) + text
    }

    /// One digit behind the point.
    private static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func tier(_ weight: Int) -> String { weight == 5 ? "block" : "tier \(weight)" }

    private static func names(_ rules: [String]) -> String {
        rules.isEmpty ? "no rule" : visible(rules.joined(separator: " and "))
    }

    // MARK: JSON

    var document: [UInt8] {
        JSONWriter.object { document in
            document.field("calls", replay.calls)
            document.field("from", replay.from?.description)
            document.field("to", replay.to?.description)
            document.field("files", source.files)
            document.field("not_recorded", source.unrecorded)
            document.field("bodies_not_kept", replay.withheld)
            document.field("unreadable", replay.unreadable.values.reduce(0, +))
            document.field("strayed", replay.strayed)
            document.array("findings", source.findings)
            document.field("rules_digest", replay.rules.digest)
            document.field("new_rules_digest", replay.next?.digest)
            document.field("loosened", replay.count(.loosened))
            document.field("tightened", replay.count(.tightened))
            document.field("asks_others", replay.count(.asksOthers))
            document.array("changes") { array in
                for (key, change) in replay.ordered { array.object { write(key, change, into: &$0) } }
            }
            document.object("tiers") { tiers in
                write("recorded", replay.recorded, into: &tiers)
                write("rules", replay.before, into: &tiers)
                if isCompared { write("new_rules", replay.after, into: &tiers) }
            }
            document.object("forecast") { forecast in
                write("rules", replay.forecast, into: &forecast)
                if isCompared { write("new_rules", replay.nextForecast, into: &forecast) }
            }
            document.field("milliseconds", milliseconds)
            document.field("calls_per_second", rate)
        }
    }

    private func write(_ key: RulesReplay.Change.Key, _ change: RulesReplay.Change, into json: inout JSONWriter.Object)
    {
        json.field("change", key.kind.word)
        json.field("calls", change.calls)
        json.field("before", Self.tier(key.before))
        json.field("after", Self.tier(key.after))
        json.array("rules_before", key.was)
        json.array("rules_after", key.now)
        json.object("example") {
            $0.field("call", change.example.call)
            $0.field("time", change.example.time.description)
            $0.field("session", change.example.session.description)
            $0.field("was", change.example.was)
            $0.field("now", change.example.now)
        }
    }

    private func write(_ name: StaticString, _ weights: [Int], into json: inout JSONWriter.Object) {
        json.object(name) {
            $0.field("tier_1", weights[1])
            $0.field("tier_2", weights[2])
            $0.field("tier_3", weights[3])
            $0.field("tier_4", weights[4])
            $0.field("block", weights[5])
        }
    }

    private func write(_ name: StaticString, _ forecast: QueueForecast, into json: inout JSONWriter.Object) {
        json.object(name) { set in
            set.field("holds", forecast.holds)
            set.array("groups") { array in
                guard let from = replay.from, let to = replay.to else { return }
                for load in forecast.loads(from: from, to: to) {
                    array.object {
                        $0.field("group", load.group)
                        $0.field("holds", load.holds)
                        $0.raw("per_day", Self.decimal(load.perDay).utf8)
                        $0.field("p95_per_day", load.p95)
                        $0.field("busiest_hour", load.busiestHour.description)
                        $0.field("busiest_hour_holds", load.busiestHolds)
                    }
                }
            }
        }
    }
}

/// `1 body`, `2 bodies`
private func counted(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
