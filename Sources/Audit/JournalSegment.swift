/// The file that is written, shared between who writes and who syncs.
final class JournalSegment: Sendable {
    let file: JournalFile

    init(_ file: consuming JournalFile) { self.file = file }
}
