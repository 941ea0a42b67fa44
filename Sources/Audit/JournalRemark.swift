import Calls
import JSON

/// What a line says about the journal itself, for those who read it back.
enum JournalRemark: Equatable {
    /// Everything up to this line was removed, because the settings say how long it is kept.
    case pruned(through: JournalHead)
    /// The journal began anew although an earlier one had come so far.
    case begun(after: JournalHead)

    init?(_ line: ArraySlice<UInt8>) {
        // Nearly every line is something else, and told by its beginning: a number, a time of 24 bytes, the kind.
        guard let comma = line.prefix(32).firstIndex(of: UInt8(ascii: ",")),
            line[comma...].dropFirst(Self.beforeKind).starts(with: Self.mark),
            let root = try? JSONDocument.parse(Array(line)).root
        else { return nil }
        func head(_ name: Text) -> JournalHead? { root[name]?.text.flatMap { JournalHead($0.string) } }
        switch root["kind"]?.text?.string {
        case "journal.pruned":
            guard let head = head("through") else { return nil }
            self = .pruned(through: head)
        case "journal.begun":
            guard let head = head("after") else { return nil }
            self = .begun(after: head)
        default: return nil
        }
    }

    /// When a line was written.
    static func time(of line: [UInt8]) -> Timestamp? {
        (try? JSONDocument.parse(line).root["time"]?.text).flatMap { Timestamp(spelling: $0.string) }
    }

    private static let beforeKind = ",\"time\":\"2026-11-21T03:04:05.678Z\"".utf8.count
    private static let mark = Array(",\"kind\":\"journal.".utf8)
}
