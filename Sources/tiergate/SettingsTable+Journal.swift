/// The keys that say how long what is over is kept.
extension Setting {
    /// A hundred years: what is older was not meant.
    static let longestKeep: Int64 = 36_500 * 86_400_000

    static let journal: [Setting] = [
        Setting(
            path: "hold.keep", value: "TIME",
            reason:
                "How long holds that are over (done, rejected, expired, resolved) are kept with what they contain, or"
                + " forever. Undecided, uncertain and undelivered ones stay.",
            read: { node, reader, settings in
                reader.span(node, "hold.keep", or: "forever", in: 60_000...Setting.longestKeep)
                    .map { settings.holdKeep = $0 }
            },
            written: { [$0.holdKeep.map(TimeSpan.spelling) ?? "forever"] }),
        Setting(
            path: "journal.segment", value: "SIZE",
            reason: "The journal goes on in a new file when one has this size; the chain continues.",
            read: { node, reader, settings in
                reader.size(node, "journal.segment", in: 1 << 16...1 << 40).map { settings.journalSegment = $0 }
            },
            written: { [Size.spelling($0.journalSegment)] }),
        Setting(
            path: "journal.age", value: "TIME",
            reason: "It also does when one is this old. never: only the size counts.",
            read: { node, reader, settings in
                reader.span(node, "journal.age", or: "never", in: 60_000...Setting.longestKeep)
                    .map { settings.journalAge = $0 }
            },
            written: { [$0.journalAge.map(TimeSpan.spelling) ?? "never"] }),
        Setting(
            path: "journal.keep", value: "TIME",
            reason:
                "Journal files whose last line is older are removed, and the journal says so. forever: none ever is.",
            read: { node, reader, settings in
                reader.span(node, "journal.keep", or: "forever", in: 60_000...Setting.longestKeep)
                    .map { settings.journalKeep = $0 }
            },
            written: { [$0.journalKeep.map(TimeSpan.spelling) ?? "forever"] }),
    ]
}
