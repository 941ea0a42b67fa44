import Foundation
import Glibc

/// People at the operator socket who decide at random, and whatever it is too late for too.
struct CrashOperator: Sendable {
    let socket: String
    let ledger: CrashLedger
    let whistle: CrashWhistle
    var chance: SeededChance

    mutating func run() {
        while !whistle.isBlown {
            let holds = CrashOperator.holds(states, limit: 12, socket: socket) ?? []
            for _ in 0..<min(chance.from(1...5), holds.count) where !whistle.isBlown {
                decide(holds[chance.from(0...holds.count - 1)])
            }
            usleep(UInt32(chance.from(5...60)) * 1000)
        }
    }

    private var states: [String] {
        mutating get {
            switch chance.from(1...100) {
            case ...80: ["pending", "stale"]
            case ...90: ["uncertain"]
            case _: ["rejected"]
            }
        }
    }

    private mutating func decide(_ hold: CrashHold) {
        var decision: CrashLedger.Decision
        switch hold.state {
        case "uncertain": decision = .resolve
        case "rejected": decision = .reopen
        case _: decision = chance.hits(80) ? .approve : .reject
        }
        // And what nobody may do.
        if chance.hits(3) { decision = chance.hits(50) ? .approve : .reopen }
        let wasExecuted = chance.hits(50)
        let members =
            switch decision {
            case .approve: #""now": \#(chance.hits(40))"#
            case .reject: #""reason": "not now""#
            case .reopen: #""reason": "after all""#
            case .resolve: #""reason": "looked", "executed": \#(wasExecuted)"#
            }
        let body = "{\(members)}"
        let began = CrashLedger.now
        let answer = CrashOperator.ask(
            "POST /v1/holds/\(hold.id)/\(decision)", "If-Match: \"\(hold.digest)\"\r\n", body, socket: socket)
        ledger.note(
            CrashLedger.Order(
                hold: hold.id, decision: decision, wasExecuted: wasExecuted, began: began,
                status: answer.isWhole ? answer.status : 0, hasWarning: answer.body.contains("\"warning\":\"")))
    }

    private static func ask(_ start: String, _ fields: String, _ body: String, socket: String) -> CrashAnswer {
        let connection = RawAgent(socket: socket)
        connection?.send(
            """
            \(start) HTTP/1.1\r
            Host: tiergate\r
            \(fields)Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """)
        return CrashAnswer(connection?.rest().text ?? "")
    }

    /// Nil where they could not be asked for, or there are more.
    static func holds(_ states: [String], limit: Int, socket: String) -> [CrashHold]? {
        let query = (states.map { "state=\($0)" } + ["limit=\(limit)"]).joined(separator: "&")
        let connection = RawAgent(socket: socket)
        connection?.send("GET /v1/holds?\(query) HTTP/1.1\r\nHost: tiergate\r\nConnection: close\r\n\r\n")
        let answer = CrashAnswer(connection?.rest().text ?? "")
        guard answer.status == 200, answer.isWhole, let list = CrashJSON(answer.body) else { return nil }
        return list["holds"].list.map(CrashHold.init)
    }
}

/// A hold as an operator sees it.
struct CrashHold: Sendable {
    let id: String
    let digest: String
    let state: String
    /// The action that it is about.
    let action: String
    let delivery: String?
    let wasExecuted: Bool?
    let cause: String?

    init(_ json: CrashJSON) {
        id = json["id"].text ?? ""
        digest = json["digest"].text ?? ""
        state = json["state"].text ?? ""
        action = json["target"].text?.split(separator: "/").last.map(String.init) ?? ""
        delivery = json["answer"]["delivery"].text
        wasExecuted = json["executed"].value as? Bool
        cause = json["cause"].text
    }
}

/// JSON read by Foundation: there is much of it, and tests are built without optimisation.
struct CrashJSON {
    let value: Any?

    init(_ value: Any?) { self.value = value }

    init?(_ text: some StringProtocol) {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { return nil }
        self.value = value
    }

    subscript(_ name: String) -> CrashJSON { CrashJSON((value as? [String: Any])?[name]) }
    var text: String? { value as? String }
    var integer: Int? { (value as? NSNumber)?.intValue }
    var list: [CrashJSON] { (value as? [Any])?.map { CrashJSON($0) } ?? [] }
}
