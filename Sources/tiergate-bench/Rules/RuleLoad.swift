import Calls
import JSON
import Rules

/// Rules and calls that look like those of many services.
struct RuleLoad {
    let rules: Int
    /// Each host has a score of routes.
    private var hosts: Int { max(1, rules / 20) }

    /// - Parameter condition: what every second rule asks besides.
    func sources(condition: String? = nil) -> [RuleSource] {
        stride(from: 0, to: rules, by: 2000).map { first in
            var text = "tiergate: 1\npack: p\(first)\nversion: 1\nrules:\n"
            for number in first..<min(first + 2000, rules) {
                text += """
                      - id: r\(number)
                        match: {host: api\(number % hosts).example.com, method: [GET, POST], path: "/v1/things\(number / hosts)/{id}"}
                        tier: 2

                    """
                if let condition, number.isMultiple(of: 2) || hosts == 1 { text += "    when: \"\(condition)\"\n" }
            }
            return RuleSource(path: "p\(first).yaml", bytes: Array(text.utf8))
        }
    }

    /// Many rules on one route, each with another constant in its condition.
    func crowd(_ condition: (Int) -> String) -> [RuleSource] {
        stride(from: 0, to: rules, by: 2000).map { first in
            var text = "tiergate: 1\npack: p\(first)\nversion: 1\nrules:\n"
            for number in first..<min(first + 2000, rules) {
                text += """
                      - id: r\(number)
                        match: {host: api.example.com, method: POST, path: /v1/pay}
                        when: "\(condition(number))"
                        tier: 2

                    """
            }
            return RuleSource(path: "p\(first).yaml", bytes: Array(text.utf8))
        }
    }

    /// Calls that each fit one rule, in no order that a cache would like.
    func calls(_ document: Document) -> [Call] {
        (0..<256).map { number in
            let rule = number &* 7919 % rules
            return Self.call(
                host: "api\(rule % hosts).example.com", path: ["v1", Text("things\(rule / hosts)"), "x1"], document)
        }
    }

    static func call(host: String, path: [Text], _ document: Document) -> Call {
        Call(
            id: CallID("c"), session: SessionID("s"), method: "POST",
            target: Target(
                scheme: .https, authority: Authority(host: Text(host), port: 443), segments: path, query: [],
                spelling: Text("/" + path.map(\.string).joined(separator: "/"))),
            fields: Fields(), body: .none, document: document, operations: [.http], principal: .none)
    }

    /// A body of one kilobyte, as an interface for payments would take it.
    static func body(amount: Int) -> [UInt8] {
        var text =
            #"{"id":"ord_5f1c","kind":"transfer","to":{"name":"Ada Example","account":"DE02120300000000202051"},"#
        text += #""items":["#
        text += (0..<8).map { #"{"sku":"sku-\#(1000 + $0)","quantity":\#($0 + 1),"price":"19.99","note":"as agreed"}"# }
            .joined(separator: ",")
        text += #"],"metadata":{"team":"ops","ticket":"SEC-881","priority":3,"urgent":false},"#
        text += #""description":""#
        let rest = "\",\"currency\":\"usd\",\"amount\":\(amount)}"
        text += String(repeating: "x", count: max(0, 1024 - text.utf8.count - rest.utf8.count)) + rest
        return Array(text.utf8)
    }
}
