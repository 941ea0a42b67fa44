import Glibc
import System

/// What a journal's directory holds.
enum JournalDirectory {
    /// How far the journal has come, for finding a cut.
    static let noteName = "head"

    /// Makes the directory, and what leads to it, for the gate's user alone.
    static func make(_ directory: String) throws(JournalFailure) {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw .unwritable(path: path, doing: "make the directory", reason: IOError.explanation(of: errno))
            }
        }
    }

    /// Lays the note of an empty journal, unless there is a note already.
    static func begin(_ directory: String) throws(JournalFailure) {
        let path = "\(directory)/\(noteName)"
        guard !exists(path) else { return }
        let note = try JournalFile(overwriting: path)
        try note.overwrite(JournalHead.note(seq: 0, spelling: JournalLine.genesis))
        try note.synchronise()
    }

    /// The name of the file that begins with this line.
    static func fileName(beginningWith seq: UInt64) -> String {
        let digits = String(seq)
        return "journal-\(String(repeating: "0", count: max(0, 12 - digits.utf8.count)))\(digits).jsonl"
    }

    /// The journal's files with the number in their names, first one first.
    static func files(in directory: String) throws(JournalFailure) -> [(name: String, first: UInt64)] {
        guard let stream = opendir(directory) else {
            throw .unreadable(path: directory, reason: IOError.explanation(of: errno))
        }
        defer { closedir(stream) }
        var files: [(name: String, first: UInt64)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("journal-"), name.hasSuffix(".jsonl"),
                let first = UInt64(name.dropFirst(8).dropLast(6)), 0 < first, first < 1 << 60,
                name == fileName(beginningWith: first)
            else { continue }
            files.append((name, first))
        }
        return files.sorted { $0.first < $1.first }
    }

    /// Where the next file is made, before it is known with which line it begins.
    static let draftName = "next"

    /// Makes an empty file that `begin` can name; fails where the disk has no room for it.
    static func draft(_ directory: String) throws(JournalFailure) {
        _ = try JournalFile(overwriting: "\(directory)/\(draftName)")
    }

    /// Gives the drafted file its name, and opens it.
    static func adopt(_ directory: String, beginningWith seq: UInt64) throws(JournalFailure) -> JournalFile {
        let path = "\(directory)/\(fileName(beginningWith: seq))"
        guard !exists(path) else { throw .disturbed(path: path, what: "was made by somebody else") }
        guard rename("\(directory)/\(draftName)", path) == 0 else {
            throw .unwritable(path: path, doing: "make", reason: IOError.explanation(of: errno))
        }
        return try JournalFile(appendingTo: path)
    }

    /// The first line of a file without its line feed, nil where it has no whole one.
    static func firstLine(of name: String, in directory: String) throws(JournalFailure) -> [UInt8]? {
        var reader = JournalReader(try JournalFile(reading: "\(directory)/\(name)"))
        guard let line = try reader.next(), line.isComplete else { return nil }
        return Array(line.bytes)
    }

    static func remove(_ name: String, in directory: String) throws(JournalFailure) {
        let path = "\(directory)/\(name)"
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .unwritable(path: path, doing: "remove", reason: IOError.explanation(of: errno))
        }
    }

    /// Makes names in the directory survive a power cut.
    static func synchronise(_ directory: String) throws(JournalFailure) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unwritable(path: directory, doing: "open", reason: IOError.explanation(of: errno))
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unsynced(path: directory, reason: IOError.explanation(of: errno)) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
