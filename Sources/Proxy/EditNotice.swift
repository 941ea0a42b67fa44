import Calls
import Holds

/// How an agent learns that a person changed its call.
enum EditNotice {
    /// Bytes of the field that says how; the rest is counted in the journal.
    private static let limit = 1000

    /// `Tiergate-Edited` with the hold, and `Tiergate-Changes` with what is different: ASCII, everything else
    /// percent-encoded.
    static func add(_ hold: Hold, to fields: inout Fields) {
        guard hold.original != nil else { return }
        fields.set("Tiergate-Edited", hold.id.description)
        var text = ""
        for scalar in changes(of: hold).unicodeScalars where text.utf8.count < limit {
            switch scalar {
            case "→": text += "->"
            case " "..."~" where scalar != "%": text.unicodeScalars.append(scalar)
            default:
                for byte in String(scalar).utf8 { text += "%" + hexadecimal([byte]).uppercased() }
            }
        }
        fields.set("Tiergate-Changes", text)
    }

    /// For the text that says how its call stands; nothing where it is as the agent sent it.
    static func sentence(of hold: Hold) -> String {
        guard hold.original != nil else { return "" }
        return
            " A person changed what will be sent: \(visible(changes(of: hold), limit: limit)). Send your request as it "
            + "was; the changed one is sent in its place."
    }

    private static func changes(of hold: Hold) -> String {
        hold.deliberation.edits.flatMap(\.changes).joined(separator: "; ")
    }
}
