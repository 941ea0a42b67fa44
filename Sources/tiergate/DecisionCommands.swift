import Calls
import JSON
import Operators
import Rules

extension Command.Option {
    fileprivate static let reason = Command.Option(
        name: "--reason", value: "TEXT",
        help: "one line; the journal keeps it, and the agent is told why it was rejected")
    fileprivate static let digest = Command.Option(
        name: "--digest", value: "DIGEST", help: "decide only if the call is still the one with this digest")
}

extension Command {
    static let approve = Command(
        name: "approve", summary: "let held calls go",
        operands: [.holds],
        options: [
            Option(name: "--now", help: "send at once, without the agent; what comes back is kept for it"),
            .reason, .digest, .socket,
        ],
        details: """
            A call whose agent is waiting is sent at once. Otherwise the approval is spent, once, by the agent's next \
            identical call, until the hold expires; --now sends the stored call instead.

            Calls of tier 4 and flagged ones are approved one at a time.
            """,
        examples: [
            Example("tiergate approve h_0123456789ab", "lets this call go"),
            Example("tiergate approve", "on a terminal: choose from what waits, look, and decide"),
            Example(
                "tiergate approve h_0123456789ab --now --reason 'agreed with finance'", "sends it without the agent"),
        ],
        run: { invocation in
            decide("approve", invocation) { gate, hold throws(OperatorFailure) in
                try gate.approve(
                    hold.id, digest: invocation.value("--digest") ?? hold.digest, reason: invocation.value("--reason"),
                    now: invocation.has("--now"))
            }
        })

    static let reject = Command(
        name: "reject", summary: "refuse held calls, and say why",
        operands: [.holds], options: [.reason, .digest, .socket],
        details: """
            Nothing is sent, and the agent is told the reason. A rejection sticks: the identical call gets the same answer \
            until the hold is reopened. A reason that says what would be accepted keeps the agent from trying around.
            """,
        examples: [
            Example(
                "tiergate reject h_0123456789ab --reason 'refund only the shipping, 8.50'", "says no, and what would do"
            )
        ],
        run: { invocation in
            guard let reason = invocation.value("--reason") else { return invocation.lacksReason }
            return decide("reject", invocation) { gate, hold throws(OperatorFailure) in
                try gate.reject(hold.id, digest: invocation.value("--digest") ?? hold.digest, reason: reason)
            }
        })

    static let reopen = Command(
        name: "reopen", summary: "take a rejection back, so that the call waits again",
        operands: [.holds], options: [.reason, .digest, .socket],
        examples: [Example("tiergate reopen h_0123456789ab", "the call waits for a decision again")],
        run: { invocation in
            decide("reopen", invocation) { gate, hold throws(OperatorFailure) in
                try gate.reopen(
                    hold.id, digest: invocation.value("--digest") ?? hold.digest, reason: invocation.value("--reason"))
            }
        })

    static let resolve = Command(
        name: "resolve", summary: "say what became of a call that was being sent when contact was lost",
        operands: [.hold],
        options: [
            Option(name: "--executed", help: "it was carried out"),
            Option(name: "--not-executed", help: "it was not carried out; the agent may make it anew"),
            .reason, .digest, .socket,
        ],
        details: """
            The gate never sends such a call again by itself. Look at the other side first: at the account, the bucket, \
            the channel.
            """,
        examples: [
            Example(
                "tiergate resolve h_0123456789ab --executed --reason 'refund re_1 is in the dashboard'",
                "it happened; the agent is told so")
        ],
        run: { invocation in
            guard let reason = invocation.value("--reason") else { return invocation.lacksReason }
            guard invocation.has("--executed") != invocation.has("--not-executed") else {
                return invocation.fail(.usage, "say what you found out: either --executed or --not-executed")
            }
            return decide("resolve", invocation) { gate, hold throws(OperatorFailure) in
                try gate.resolve(
                    hold.id, digest: invocation.value("--digest") ?? hold.digest,
                    wasExecuted: invocation.has("--executed"), reason: reason)
            }
        })

    /// Looks at each hold that was named or chosen, decides about it, and says what happens now.
    private static func decide(
        _ action: String, _ invocation: Invocation,
        _ order: (OperatorClient, HoldView) throws(OperatorFailure) -> HoldReport
    ) -> ExitStatus {
        let gate = invocation.gate
        do throws(OperatorFailure) {
            var holds: [HoldView] = []
            if invocation.operands.isEmpty {
                guard let chosen = try Choice(action: action, invocation: invocation).make(gate) else {
                    return invocation.fail(
                        .usage, "ID is missing: which call to \(action)", help: "`tiergate held` lists them")
                }
                holds = [chosen]
            }
            for id in invocation.operands {
                // The beginning of an id is enough to look, never to decide.
                guard HoldID(id) != nil else {
                    let meant = try gate.hold(id).hold
                    return invocation.fail(
                        .usage, "\(visible(id)) is not a whole id", help: "is it \(meant.id)? Look with `tiergate show`"
                    )
                }
                holds.append(try gate.hold(id).hold)
            }
            if action == "approve", holds.count > 1,
                let first = holds.first(where: { $0.tier == .irreversible || !$0.flags.isEmpty })
            {
                return invocation.fail(
                    .usage, "\(first.id) is tier \(first.tier.rawValue)\(first.flags.isEmpty ? "" : " and flagged")",
                    help: "approve it alone, after `tiergate show \(first.id)`; nothing was approved")
            }
            for hold in holds {
                let report = try order(gate, hold)
                invocation.print(report) { HoldScreen(terminal: invocation.terminal).decided($0) }
            }
            return .ok
        } catch {
            return invocation.fail(error)
        }
    }
}

extension Invocation {
    fileprivate var lacksReason: ExitStatus {
        fail(.usage, "--reason is missing", help: "one line that says why: tiergate \(command.name) ID --reason 'TEXT'")
    }
}
