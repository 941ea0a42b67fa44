import Calls
import JSON
import Operators
import Proxy
import System

extension Command {
    static let sessions = Command(
        name: "sessions", summary: "list the agents that use the gate, and what they take",
        options: [.socket],
        details: """
            An agent is an account of this machine (uid-1000), or a name that a token proves. Its own names for its runs \
            (Tiergate-Session, Mcp-Session-Id) are shown as claims and mean nothing. Its autonomy is what the person \
            said who runs it (`tiergate run --autonomy`, agents.autonomy). `unproven` is whoever came without a proof; \
            all of that was refused. Counts begin with the gate's start, undecided holds do not.
            """,
        examples: [
            Example("tiergate sessions", "who is there"),
            Example("tiergate sessions --json | jq '.sessions[] | select(.pending > 0).session'", "whose calls wait"),
        ],
        run: { invocation in
            invocation.asking { gate throws(OperatorFailure) in
                let list = try gate.sessions()
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object(list.write))
                } else {
                    invocation.terminal.print(SessionTable(Screen(invocation.terminal)).text(of: list))
                }
                return .ok
            }
        })
}

/// A list of sessions for 80 columns.
struct SessionTable {
    private let screen: Screen

    init(_ screen: Screen) { self.screen = screen }

    func text(of list: SessionList) -> String {
        var screen = screen
        screen.advisory(list.weakness)
        guard !list.sessions.isEmpty else {
            screen.line("no agent has come yet")
            return screen.text
        }
        screen.line(screen.styled(row("SESSION", "OPEN", "T1/T2/T3/T4", "HELD", "REFUSED", "LAST CALL"), .dim))
        for session in list.sessions { append(session, to: &screen) }
        return screen.text
    }

    private func append(_ session: SessionView, to screen: inout Screen) {
        let calls = session.calls.map(String.init).joined(separator: "/")
        screen.line(
            row(
                session.session, "\(session.connections)", calls, "\(session.pending)", "\(session.refused)",
                session.lastCall ?? "-"))
        var more = session.account.map { ["account \($0)"] } ?? []
        if let autonomy = session.autonomy { more.append("autonomy \(autonomy)") }
        if session.received > 0 { more.append("\(session.received) bytes of answers") }
        if session.turnedAway > 0 { more.append("\(session.turnedAway) connections turned away") }
        if !session.labels.isEmpty { more.append("calls itself \(session.labels.joined(separator: ", "))") }
        if !more.isEmpty { screen.text(more.joined(separator: "; "), indent: 2, style: .dim) }
    }

    private func row(
        _ session: String, _ open: String, _ calls: String, _ held: String, _ refused: String, _ last: String
    ) -> String {
        let cells = [(session, 16), (open, 5), (calls, 15), (held, 5), (refused, 7)]
        return cells.map { Columns.padded($0.0, $0.1) + "  " }.joined() + last
    }
}

extension SessionState {
    init(_ summary: SessionSummary) {
        self.init(
            id: summary.id, account: summary.account.map(Accounts.name), autonomy: summary.autonomy,
            labels: summary.labels, since: summary.since,
            lastCall: summary.lastCall, connections: summary.connections, calls: summary.calls,
            refused: summary.refused, turnedAway: summary.turnedAway, received: summary.received)
    }
}
