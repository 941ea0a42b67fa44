import Foundation

/// What must hold of a gate whatever was done to it.
extension CrashEvidence {
    private static let spent: Set<String> = ["sending", "done", "uncertain", "resolved"]

    /// - Parameter mayHaveExpired: the clock was put forward far enough.
    mutating func check(_ holds: [CrashHold], mayHaveExpired: Bool, _ tally: inout CrashTally) {
        told = ledger.takeTold()
        let before = arrivals
        readUpstreamAgain()
        let orders = Dictionary(grouping: ledger.decisions, by: \.hold)
        let byAction = Dictionary(grouping: holds, by: \.action)
        checkSent(before, byAction, orders, &tally)
        checkDecisions(holds, orders, mayHaveExpired: mayHaveExpired, &tally)
        checkAnswers(holds, byAction, orders, mayHaveExpired: mayHaveExpired, &tally)
        checkDelivered(byAction, &tally)
        checkJournal(byAction, orders, &tally)
        count(&tally)
        tally.leaveOut(&reported)
    }

    private mutating func count(_ tally: inout CrashTally) {
        let decisions = ledger.decisions
        tally.requests = told.count
        tally.approvals = decisions[ordersSeen...].count { $0.decision == .approve && $0.status == 200 }
        ordersSeen = decisions.count
        tally.sent = newlySent
        for answer in told where answer.status != 200 {
            let reason = answer.status == 0 ? "(nothing)" : CrashJSON(answer.body)?["reason"].text ?? "(no reason)"
            tally.reasons[reason, default: 0] += 1
        }
    }

    // MARK: 1, 2 and 7: nothing unapproved, nothing twice

    private func checkSent(
        _ before: [String: [Arrival]], _ holds: [String: [CrashHold]], _ orders: [String: [CrashLedger.Order]],
        _ tally: inout CrashTally
    ) {
        let actions = ledger.actions
        for (id, arrived) in arrivals {
            guard let action = actions[id] else {
                tally.find(.unapproved, "the upstream got \(arrived[0].path), which nobody sent")
                continue
            }
            for arrival in arrived
            where arrival.method != action.method || arrival.path != action.path || !action.body.hasPrefix(arrival.body)
                || arrival.length != action.body.utf8.count || arrival.sha256 != arrived[0].sha256
                || arrival.agent != "\(action.agent)"
            {
                tally.find(.unapproved, "the upstream got \(arrival), which is not the call \(action)")
            }
            guard action.isHeld else { continue }
            let mine = holds[id] ?? []
            let approvals = mine.flatMap { orders[$0.id] ?? [] }.filter { $0.decision == .approve }
            for arrival in arrived where !approvals.contains(where: { $0.began < arrival.at }) {
                tally.find(.unapproved, "\(id) was sent at \(arrival.at), approved: \(approvals); holds: \(mine)")
            }
            let spent = mine.count { CrashEvidence.spent.contains($0.state) }
            if let count = before[id]?.count, count > spent {
                tally.find(.twice, "\(id) was sent \(count) times for \(spent) spent approvals: \(mine)")
            }
            let done = mine.count { $0.state == "done" }
            if arrived.count < done {
                tally.find(.invented, "\(id) is done \(done) times, and was sent \(arrived.count) times: \(mine)")
            }
        }
    }

    // MARK: 3 and 6: decisions stay, and nothing else looks like one

    private mutating func checkDecisions(
        _ holds: [CrashHold], _ orders: [String: [CrashLedger.Order]], mayHaveExpired: Bool, _ tally: inout CrashTally
    ) {
        let known = Dictionary(holds.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, orders) in orders {
            guard let hold = known[id] else {
                tally.find(.lost, "hold \(id), which an operator saw, is not there")
                continue
            }
            let rejections = orders.count { $0.decision == .reject }
            for order in orders where order.status == 200 {
                let stands =
                    switch order.decision {
                    // Before it was approved it may have been rejected and reopened, after that no more.
                    case .approve:
                        CrashEvidence.spent.contains(hold.state) || hold.state == "approved"
                            || hold.state == "expired" && mayHaveExpired
                    case .reject: hold.state == "rejected" || orders.contains { $0.decision == .reopen }
                    case .reopen: hold.state != "rejected" || rejections > 1
                    case .resolve: hold.state == "resolved" && hold.wasExecuted == order.wasExecuted
                    }
                if !stands { tally.find(.lost, "\(order) was confirmed, and the hold is \(hold)") }
            }
        }
        for hold in holds {
            let kinds = Set((orders[hold.id] ?? []).map(\.decision))
            let isMisnamed =
                switch hold.state {
                case "approved", "sending", "done", "uncertain": !kinds.contains(.approve)
                case "rejected": !kinds.contains(.reject)
                case "resolved": !kinds.contains(.resolve)
                // Else it ended with a call that was told that it could not be recorded.
                case "expired": !mayHaveExpired && (announced[hold.id] != nil && !hasFailedToRecord)
                case "stale": true
                case _: false
                }
            if isMisnamed { tally.find(.misnamed, "\(hold) after \(orders[hold.id] ?? [])") }
            if hold.cause?.contains("put aside") ?? false { tally.find(.lost, "a body that was held: \(hold)") }
            let before = states.updateValue(hold.state, forKey: hold.id)
            if before == nil { tally.holds += 1 }
            if let before, before == "done" || before == "resolved", before != hold.state {
                tally.find(.twice, "hold \(hold.id) was \(before) and is \(hold.state)")
            }
        }
    }

    // MARK: 4, 5 and 6: what agents were told

    private mutating func checkAnswers(
        _ holds: [CrashHold], _ byAction: [String: [CrashHold]], _ orders: [String: [CrashLedger.Order]],
        mayHaveExpired: Bool, _ tally: inout CrashTally
    ) {
        let known = Set(holds.map(\.id))
        for answer in told {
            if let hold = answer.hold {
                announced[hold] = answer.action.id
                if !known.contains(hold) { tally.find(.lost, "\(hold) was announced, and is not there: \(answer)") }
            }
            if answer.status == 200 {
                checkTrue(answer, &tally)
            } else if answer.status > 0, answer.isWhole {
                checkSaid(answer, byAction, orders, &tally)
                if !mayHaveExpired, answer.body.contains(#""reason":"expired""#) {
                    tally.find(.misnamed, "its time was not over: \(answer)")
                }
            }
        }
    }

    /// The upstream's own words for this call of this agent.
    private mutating func checkTrue(_ answer: CrashLedger.Told, _ tally: inout CrashTally) {
        guard answer.isWhole else { return }
        let action = answer.action
        guard let json = CrashJSON(answer.body), let number = json["number"].integer,
            let process = json["process"].integer, json["path"].text == action.path,
            let arrival = arrivals[action.id]?.first(where: { $0.number == number && $0.process == process }),
            arrival.agent == "\(action.agent)"
        else { return tally.find(.invented, "\(answer)") }
        given[action.id, default: []].insert("\(process) \(number)")
        givenAt[action.id] = min(givenAt[action.id] ?? .max, answer.began)
    }

    private func checkSaid(
        _ answer: CrashLedger.Told, _ holds: [String: [CrashHold]], _ orders: [String: [CrashLedger.Order]],
        _ tally: inout CrashTally
    ) {
        guard let reason = CrashJSON(answer.body)?["reason"].text else {
            return tally.find(.misnamed, "an answer without a reason: \(answer)")
        }
        let decisions = Set((answer.hold.flatMap { orders[$0] } ?? []).map(\.decision))
        if reason == "rejected", !decisions.contains(.reject) {
            tally.find(.misnamed, "nobody rejected it: \(answer)")
        }
        if reason == "not_executed", !decisions.contains(.resolve) {
            tally.find(.misnamed, "nobody resolved it: \(answer)")
        }
        // Somebody said so, or another connection of the agent's has the answer.
        let isDone = holds[answer.action.id]?.contains { $0.id == answer.hold && $0.state == "done" } ?? false
        if reason == "answer_lost", !isDone, !decisions.contains(.resolve) {
            tally.find(.misnamed, "nobody knows that it was executed: \(answer)")
        }
        // Not where a person said so, or where the agent had its answer and asked for another execution.
        let id = answer.action.id
        let earlier = (arrivals[id] ?? []).count { $0.at < answer.began }
        let saysNever = answer.body.contains("NOT EXECUTED") && !answer.body.contains("NOT EXECUTED by this request")
        let isOnlyOne = holds[id]?.count == 1 && (givenAt[id] ?? .max) >= answer.began
        if answer.action.isHeld, saysNever, reason != "not_executed", isOnlyOne, earlier > 0 {
            tally.find(.misnamed, "it had been executed: \(answer), \(holds[id] ?? [])")
        }
    }

    /// Where the gate says that the agent has it, somebody has it.
    private func checkDelivered(_ holds: [String: [CrashHold]], _ tally: inout CrashTally) {
        let left = ledger.leftActions
        for (id, mine) in holds where !left.contains(id) {
            let delivered = mine.count { $0.delivery == "delivered" }
            let got = given[id]?.count ?? 0
            if delivered > got {
                tally.find(.lost, "\(delivered) answers to \(id) count as delivered, \(got) came: \(mine)")
            }
            if mine.contains(where: { $0.delivery == "lost" }) {
                tally.find(.lost, "a small answer was not kept: \(mine)")
            }
        }
    }

    // MARK: The journal

    private func checkJournal(
        _ holds: [String: [CrashHold]], _ orders: [String: [CrashLedger.Order]], _ tally: inout CrashTally
    ) {
        for call in closedTwice { tally.find(.journal, "call \(call) was closed and was not open") }
        for call in leftOpen.intersection(openCalls) { tally.find(.journal, "call \(call) was left open") }
        let actions = ledger.actions
        for (id, arrived) in arrivals {
            guard let action = actions[id] else { continue }
            if action.isHeld {
                let permitted = (holds[id] ?? []).reduce(0) { $0 + (permits[$1.id]?.count ?? 0) }
                if permitted < arrived.count {
                    tally.find(.unrecorded, "\(id) was sent \(arrived.count) times, permitted \(permitted) times")
                }
            } else if !hasLostUnsynced, (openings[id] ?? 0) < arrived.count {
                tally.find(.unrecorded, "\(id) passed \(arrived.count) times, opened \(openings[id] ?? 0) times")
            }
        }
        for hold in holds.values.joined() {
            for (digest, by) in permits[hold.id] ?? [] {
                if digest != hold.digest { tally.find(.unapproved, "\(hold) was permitted as \(digest)") }
                if by.isEmpty { tally.find(.unrecorded, "\(hold) was permitted by nobody") }
            }
            let ruled = rulings[hold.id] ?? []
            for (ruling, digest) in ruled {
                let isAsked = orders[hold.id]?.contains { $0.decision.rawValue == ruling } ?? false
                if !isAsked || digest != hold.digest {
                    tally.find(.misnamed, "the journal has \(ruling) of \(digest) for \(hold)")
                }
            }
        }
    }
}
