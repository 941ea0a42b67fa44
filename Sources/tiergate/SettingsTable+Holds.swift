import Calls
import Holds
import JSON
import Rules

/// The keys that say how much time people have, and what follows when it is over.
extension Setting {
    static let holdTime: [Setting] = [
        time(
            "hold.life", \.externalLife,
            "How long a held call of tier 3 waits for a decision before it expires; the agent may send it again."),
        time("hold.life_grave", \.irreversibleLife, "The same for tier 4 and for flagged calls."),
        time("hold.longest_life", \.longestLife, "The end of a hold's time can be put off this far from now."),
        Setting(
            path: "hold.decide_within", value: "TIME",
            reason:
                "Time for a first act of a person (a claim, a vote, a question) on tier 4 and flagged calls, where the rule"
                + " names none. People are warned at half and at 90 %. never: silence has no consequence.",
            read: { node, reader, settings in
                reader.span(node, "hold.decide_within", or: "never", in: 60_000...Setting.longestKeep)
                    .map { settings.hold.decideWithin = $0.map(Interval.init(milliseconds:)) }
            },
            written: { [$0.hold.decideWithin.map { TimeSpan.spelling($0.milliseconds) } ?? "never"] }),
        Setting(
            path: "hold.escalate_to", value: "GROUP",
            reason: "Groups that are told one after the other, each with that time, where nobody acts.",
            shape: .list,
            read: { node, reader, settings in
                if case .sequence(let elements) = node.content, elements.isEmpty {
                    return settings.hold.escalateTo = []
                }
                reader.texts(node, "hold.escalate_to").map { settings.hold.escalateTo = $0.map(\.string) }
            },
            written: { $0.hold.escalateTo }),
        silence(
            "hold.on_silence", \.onSilence,
            "What becomes of the session when nobody has acted after all of them: freeze (reading passes), kill, or nothing."
        ),
        silence("hold.on_flagged_silence", \.onFlaggedSilence, "The same where the call was flagged."),
    ]

    static let notices: [Setting] = [
        Setting(
            path: "notify.command", value: "WORD",
            reason:
                "A program and its arguments that is run at each step of a hold (held, warn, escalate, silence, decided,"
                + " expired …) with one line of JSON to read: who is asked, what the call does, until when; never a"
                + " credential.",
            shape: .list,
            read: { node, reader, settings in
                if case .sequence(let elements) = node.content, elements.isEmpty { return settings.notifyCommand = [] }
                guard let words = reader.texts(node, "notify.command")?.map(\.string) else { return }
                guard words.first?.hasPrefix("/") ?? false else {
                    return reader.yaml.report(
                        .badValue, "notify.command must begin with the whole path of a program", at: node.span,
                        help: "for example [/usr/local/bin/tell-oncall, --channel, gate]")
                }
                settings.notifyCommand = words
            },
            written: { $0.notifyCommand })
    ]

    private static func time(
        _ path: String, _ field: any WritableKeyPath<HoldSettings, Interval> & Sendable, _ reason: String
    ) -> Setting {
        Setting(
            path: path, value: "TIME", reason: reason,
            read: { node, reader, settings in
                guard let text = reader.yaml.text(node, path) else { return }
                guard let time = TimeSpan.parse(text.string), 60_000...Setting.longestKeep ~= time else {
                    return reader.yaml.report(
                        .badValue, "\(path) must be a time of at least 1 m", at: node.span,
                        help: "for example 7 d or 24 h")
                }
                settings.hold[keyPath: field] = Interval(milliseconds: time)
            },
            written: { [TimeSpan.spelling($0.hold[keyPath: field].milliseconds)] })
    }

    private static func silence(
        _ path: String, _ field: any WritableKeyPath<HoldSettings, Terms.Silence?> & Sendable, _ reason: String
    ) -> Setting {
        Setting(
            path: path, value: "freeze|kill|nothing", reason: reason,
            completion: .words(Terms.Silence.allCases.map(\.rawValue) + ["nothing"]),
            read: { node, reader, settings in
                guard let text = reader.yaml.text(node, path) else { return }
                guard let silence = Terms.Silence(rawValue: text.string) else {
                    guard text == "nothing" else {
                        return reader.yaml.report(
                            .badValue, "\(path) cannot be \(text)", at: node.span, help: "it is freeze, kill or nothing"
                        )
                    }
                    return settings.hold[keyPath: field] = nil
                }
                settings.hold[keyPath: field] = silence
            },
            written: { [$0.hold[keyPath: field]?.rawValue ?? "nothing"] })
    }
}
