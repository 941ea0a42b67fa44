/// Why the journal did not do what it was asked to; nothing passes the gate meanwhile.
package indirect enum JournalFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file system said no: tried again every second, and whenever somebody waits.
    case unwritable(path: String, doing: String, reason: String)
    case unreadable(path: String, reason: String)
    /// The disk failed to keep what it had taken. Which bytes are lost cannot be known, so only a restart, which reads
    /// the journal anew, goes on.
    case unsynced(path: String, reason: String)
    /// The file is no longer what was written: removed, or changed by somebody else.
    case disturbed(path: String, what: String)
    /// The journal that is there cannot be continued.
    case damaged(directory: String, finding: JournalFinding)
    /// Another process writes it.
    case busy(path: String)
    case closed

    /// Whether trying again is of no use.
    var isFinal: Bool {
        switch self {
        case .unwritable: false
        case .unreadable, .unsynced, .disturbed, .damaged, .busy, .closed: true
        }
    }

    package var description: String {
        switch self {
        case .unwritable(let path, let doing, let reason):
            "cannot \(doing) \(path): \(reason); nothing passes until the journal can be written"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unsynced(let path, let reason):
            "\(path) could not be brought to disk: \(reason); check the disk and restart the gate, nothing"
                + " passes until then"
        case .disturbed(let path, let what):
            "\(path) \(what) while the gate was writing it; find out who did that, then restart the gate, nothing passes"
                + " until then"
        case .damaged(let directory, let finding):
            "the journal is damaged: \(finding). See `tiergate journal verify \(directory)`; to go on, keep that"
                + " directory as evidence under another name, and the gate begins a new journal"
        case .busy(let path):
            "another gate is writing \(path): stop it, or give this one another `state` directory"
        case .closed: "the journal is closed: the gate is stopping"
        }
    }
}
