import Audit
import Calls
import Crypto
import Glibc
import Holds
import JSON
import Proxy
import Rules
import Stores
import System

extension Command {
    static let rulesReplay = Command(
        name: "rules replay", summary: "judge recorded calls again: what changes, and how many holds that makes",
        operands: [
            Operand(
                name: "DIR",
                help: "recordings of `tiergate serve --record`; without it, record.directory of the settings",
                isRequired: false, completion: .directory)
        ],
        options: [
            Option(
                name: "--journal", value: "DIR",
                help: "judge the calls of a journal instead: their heads alone, because it has no bodies and no fields",
                completion: .directory),
            Option(name: "--since", value: "TIME", help: "only calls of the last TIME, for example 7d or 12h"),
            Option(
                name: "--rules", value: "DIR", help: "rules to judge by; without any, those of the settings",
                repeats: true, completion: .directory),
            Option(
                name: "--diff", value: "DIR",
                help:
                    "compare with these rules, which together would be in force; without any, with what the gate said",
                repeats: true, completion: .directory),
            Option(
                name: "--fail-on", value: "CHANGE",
                help: "end with status 1 where a call is loosened, tightened or changed; with --diff it is loosened, "
                    + "without it nothing",
                completion: .words(FailOn.allCases.map(\.rawValue))),
            Option(name: "--now", help: "judge by today's time, not by that of each call: exceptions may have ended"),
            Option(
                name: "--key", value: "FILE",
                help: "the key of the recordings; without it, recording.key in the state directory", completion: .file),
            .config, .state,
        ],
        details: """
            Each call is read by the decoder that reads real calls, and judged with what was known when it was recorded: \
            the time, the session's counts, the agent's autonomy. Nothing is sent. A body that is not in the recording is \
            judged as one over the inspection limit: rules that need it count with their highest tier.

            The forecast says how many holds the rules make, for each group that is asked: a day, at the 95th percentile \
            of days, and in the busiest hour (UTC). Calls that the gate takes for the same call share a hold until it \
            expires, because nobody decides here; where people decide sooner, a later repetition is a hold of its own.

            A recording is sealed with recording.key, which opens recordings and nothing else: to rehearse rules on \
            another machine, take a copy of the recordings and of this key there, and name it with --key.
            """,
        examples: [
            Example("tiergate rules replay ~/recordings", "what the rules of today make of what the gate let through"),
            Example(
                "tiergate rules replay --config /etc/tiergate/tiergate.yaml --since 7d --diff /etc/tiergate/rules.new",
                "before changed rules go into force: what they loosen, and the queue they make"),
            Example(
                "tiergate rules replay recordings --key recording.key --rules main/rules --diff rules --fail-on changed",
                "in a pull request"),
            Example(
                "tiergate rules replay recordings --diff rules --json | jq '.changes[] | select(.change == \"loosened\")'",
                "for another program"),
        ],
        run: { invocation in
            do throws(Refused) {
                let failOn = try FailOn(invocation)
                let source = try source(invocation)
                return invocation.withSoundRules(invocation.values("--rules")) { set, rules in
                    let others = invocation.values("--diff")
                    let now = invocation.has("--now") ? rules.now : nil
                    guard !others.isEmpty else {
                        return replay(source, RulesReplay(set, against: nil, at: now), failOn, invocation)
                    }
                    return invocation.withSoundRules(others) { next, _ in
                        replay(source, RulesReplay(set, against: next, at: now), failOn, invocation)
                    }
                }
            } catch {
                return invocation.fail(error.status, error.message, help: error.help)
            }
        })

    /// Which changes are a failure.
    private enum FailOn: String, CaseIterable {
        case loosened, tightened, changed, nothing

        init(_ invocation: Invocation) throws(Refused) {
            guard let word = invocation.value("--fail-on") else {
                self = invocation.values("--diff").isEmpty ? .nothing : .loosened
                return
            }
            guard let choice = FailOn(rawValue: word) else {
                throw Refused(
                    status: .usage, message: "--fail-on cannot be \(visible(word))",
                    help: "one of \(FailOn.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            self = choice
        }

        func fails(_ replay: RulesReplay) -> Bool {
            switch self {
            case .loosened: replay.count(.loosened) > 0
            case .tightened: replay.count(.tightened) > 0
            case .changed: !replay.changes.isEmpty
            case .nothing: false
            }
        }
    }

    private struct Refused: Error {
        let status: ExitStatus
        let message: String
        let help: String?
    }

    private static func source(_ invocation: Invocation) throws(Refused) -> RecordingSource {
        var since: Timestamp?
        if let text = invocation.value("--since") {
            guard let span = TimeSpan.parse(text), span > 0 else {
                throw Refused(
                    status: .usage, message: "--since must be a time, not \(visible(text))",
                    help: "for example 7d, 12h or 90m")
            }
            since = Timestamp(milliseconds: SystemClock.wall() &- span)
        }
        if let journal = invocation.value("--journal") {
            guard invocation.operands.isEmpty else {
                throw Refused(
                    status: .usage, message: "DIR and --journal are two different sources", help: "name one of them")
            }
            return RecordingSource(.journal(journal), since: since)
        }
        let settings: Settings
        do throws(Settings.Refusal) {
            settings = try Settings.load(invocation)
        } catch {
            throw Refused(
                status: .usage, message: ([error.message] + error.diagnostics.map(\.rendered)).joined(separator: "\n"),
                help: "`tiergate serve --print-config` shows every key")
        }
        guard let directory = invocation.operands.first ?? settings.recordDirectory else {
            throw Refused(
                status: .usage, message: "there is nothing to replay: DIR is missing, and no record.directory is set",
                help: "`tiergate serve --record DIR` makes recordings; a journal is named with --journal")
        }
        let file = invocation.value("--key") ?? "\(settings.state)/\(StateDirectory.recordingKeyName)"
        do throws(StoreFailure) {
            return RecordingSource(
                .recordings(directory, key: try StateDirectory.recordingKey(in: file)), since: since)
        } catch {
            throw Refused(
                status: .failed, message: "the key of the recordings: \(error)",
                help: "name the file with --key, or the state directory of the gate that recorded with --state")
        }
    }

    private static func replay(
        _ source: RecordingSource, _ replay: RulesReplay, _ failOn: FailOn, _ invocation: Invocation
    ) -> ExitStatus {
        var (source, replay) = (source, replay)
        let start = SystemClock.monotonic()
        var progress = ReplayProgress(isShown: !invocation.isJSON && isatty(STDERR_FILENO) == 1)
        do throws(RecordingSource.Unreadable) {
            try source.forEach(progress: { progress.show($0) }) { replay.take($0) }
        } catch {
            progress.end()
            return invocation.fail(.failed, error.sentence)
        }
        progress.end()
        let report = ReplayReport(replay: replay, source: source, milliseconds: SystemClock.monotonic() - start)
        if invocation.isJSON {
            invocation.terminal.print(json: report.document)
        } else {
            report.print(on: invocation.terminal)
        }
        return failOn.fails(replay) ? .failed : .ok
    }
}

extension Command.Option {
    /// The setting of the same name, for commands that look into the state directory.
    static let state = Command.Option(
        name: "--state", value: "DIR", help: "the state directory; without it, that of the settings",
        completion: .directory)
}

/// How far it is, in a line that is written over; nothing where nobody looks.
struct ReplayProgress {
    let isShown: Bool
    private var next = SystemClock.monotonic() + 500
    private var hasShown = false

    init(isShown: Bool) { self.isShown = isShown }

    mutating func show(_ part: Double) {
        let now = SystemClock.monotonic()
        guard isShown, now >= next else { return }
        next = now + 200
        hasShown = true
        StandardError.write("\r\(Int(part * 100)) % read ")
    }

    mutating func end() {
        if hasShown { StandardError.write("\r\u{1B}[K") }
    }
}
