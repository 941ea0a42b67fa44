import Calls

/// Which files of a journal have been kept long enough.
enum JournalRetention {
    /// Files whose last line is older than `keep`, the oldest first, and the last line of those.
    ///
    /// The age is that of the line that follows a file, whose time is under the chain; a file system's times anybody can
    /// set. The file that is written is never one of them.
    static func files(
        endedBefore now: Timestamp, _ keep: Interval, in directory: String
    ) throws(JournalFailure) -> (names: [String], through: JournalHead)? {
        let files = try JournalDirectory.files(in: directory)
        var names: [String] = []
        var through: JournalHead?
        for (file, next) in zip(files, files.dropFirst()) {
            guard let bytes = try JournalDirectory.firstLine(of: next.name, in: directory),
                let line = JournalLine(bytes[...]), line.isGenuine, line.seq == next.first,
                let time = JournalRemark.time(of: bytes), time < now,
                (now - time).milliseconds > keep.milliseconds,
                let head = JournalHead(seq: line.seq - 1, spelling: line.prev)
            else { break }
            names.append(file.name)
            through = head
        }
        return through.map { (names, $0) }
    }
}
