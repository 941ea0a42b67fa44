/// What a start does about what a crash left behind.
enum JournalRepair {
    /// Moves the end of a file, an incomplete line, to a file of its own.
    static func setAside(
        _ file: borrowing JournalFile, from offset: Int, count: Int, followingLine seq: UInt64, in directory: String
    ) throws(JournalFailure) -> JournalEntry {
        let name = "torn-line-\(seq + 1)"
        let aside = try JournalFile(overwriting: "\(directory)/\(name)")
        try aside.overwrite(file.read(at: offset, count: count))
        try aside.synchronise()
        try file.truncate(to: offset)
        return .journalRepaired(file: name, bytes: count)
    }

    /// Removes a file that has not even its first line; nil where it has.
    static func drop(
        _ name: String, unlessBegunAfter seq: UInt64, in directory: String
    ) throws(JournalFailure) -> [JournalEntry]? {
        guard try JournalDirectory.firstLine(of: name, in: directory) == nil else { return nil }
        let file = try JournalFile(appendingTo: "\(directory)/\(name)")
        let length = try file.length()
        let remark = length > 0 ? [try setAside(file, from: 0, count: length, followingLine: seq, in: directory)] : []
        try JournalDirectory.remove(name, in: directory)
        return remark
    }
}
