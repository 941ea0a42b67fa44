import Calls
import JSON

/// What a line says about the journal itself, for those who read it back.
enum JournalRemark: Equatable {
    /// Everything up to this line was removed, because the settings say how long it is kept.
    case pruned(through: JournalHead)
    /// The journal began anew although an earlier one had come so far.
    case begun(after: JournalHead)

    init?(_ line: some Collection<UInt8>) {
        // Nearly every line is something else: those are told by their beginning.
        guard line.prefix(96).contains(sequence: Self.mark),
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

    private static let mark = Array(",\"kind\":\"journal.".utf8)
}

extension Collection<UInt8> {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.contains { self[$0] == sequence.first && self[$0...].starts(with: sequence) }
    }
}
