import Calls
import JSON

/// Which calls are open, as far as the journal's lines tell: followed by the gate while it writes them, and by a start
/// that reads them back.
struct OpenCalls {
    private(set) var open: [CallID: OpenCall] = [:]
    /// The call that made each hold.
    private var makers: [HoldID: CallID] = [:]

    var sorted: [OpenCall] { open.values.sorted { $0.id.description < $1.id.description } }

    mutating func follow(_ entry: JournalEntry) {
        switch entry {
        case .callOpened(let record):
            opened(record.id, record.hold, passes: record.verdict?.disposition == .pass)
        case .callClosed(let record): closed(record.id)
        case .callRecovered(let call): closed(call.id)
        case .holdCreated(let hold, let call, _, _, _, _): created(hold, by: call)
        case .callSending(let hold, let call, _, _): sending(hold, call)
        case .holdUnsent(let hold, _): unsent(hold)
        case .journalCarried(let calls): for call in calls { carried(call) }
        case .gateStarted, .gateStopped, .holdDecided, .holdActed, .holdExpired, .holdWithdrawn, .holdStale, .holdDone,
            .holdUncertain,
            .holdResolved, .holdKilled, .sessionFlagged, .scopeStopped, .scopeResumed, .journalRestored,
            .journalRepaired,
            .journalSegment, .journalPruned, .journalBegun:
            break
        }
    }

    mutating func follow(line: [UInt8]) {
        guard let root = try? JSONDocument.parse(line).root, let kind = root["kind"]?.text?.string else { return }
        let call = root["call"]?.text.map { CallID($0.string) }
        let hold = root["hold"]?.text.flatMap { HoldID($0.string) }
        switch (kind, call, hold) {
        case ("call.open", let call?, _): opened(call, hold, passes: root["disposition"]?.text == "pass")
        case ("call.close", let call?, _): closed(call)
        case ("hold.created", let call?, let hold?): created(hold, by: call)
        case ("call.send", _, let hold?): sending(hold, call)
        case ("hold.unsent", _, let hold?): unsent(hold)
        case ("journal.carried", _, _):
            guard let items = root["calls"]?.elements else { return }
            for item in items {
                guard let call = item["call"]?.text else { continue }
                carried(
                    OpenCall(
                        id: CallID(call.string), hold: item["hold"]?.text.flatMap { HoldID($0.string) },
                        mayHaveLeft: item["sent"]?.bool ?? true))
            }
        default: break
        }
    }

    private mutating func opened(_ call: CallID, _ hold: HoldID?, passes: Bool) {
        open[call] = OpenCall(id: call, hold: hold, mayHaveLeft: passes)
    }

    private mutating func closed(_ call: CallID) {
        guard let hold = open.removeValue(forKey: call)?.hold else { return }
        if makers[hold] == call { makers[hold] = nil }
    }

    private mutating func created(_ hold: HoldID, by call: CallID) {
        // A call that is not open needs no maker: nothing would ever take it away again.
        guard open[call] != nil else { return }
        open[call]?.hold = hold
        makers[hold] = call
    }

    private mutating func sending(_ hold: HoldID, _ call: CallID?) {
        for sender in [call, makers[hold]] {
            if let sender { open[sender]?.mayHaveLeft = true }
        }
    }

    private mutating func unsent(_ hold: HoldID) {
        if let maker = makers[hold] { open[maker]?.mayHaveLeft = false }
    }

    private mutating func carried(_ call: OpenCall) {
        open[call.id] = call
        // Which of a hold's calls made it is not carried; each is as good: the others are told of by their own lines.
        if let hold = call.hold { makers[hold] = call.id }
    }
}
