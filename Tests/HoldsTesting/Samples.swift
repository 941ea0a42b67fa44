package import Calls
package import JSON

extension Call {
    /// A POST of a refund, with what a test wants otherwise.
    package static func sample(
        id: UInt64 = 1, session: String = "s_agent", method: Text = "POST", host: Text = "api.stripe.com",
        path: Text = "/v1/refunds", query: [Parameter] = [], fields: Fields = ["Content-Type": "application/json"],
        body: String? = #"{"amount":500}"#, document: Document? = nil,
        principal: Principal = .opaque("00112233aabbccdd")
    ) -> Call {
        let parsed = body.flatMap { try? JSONDocument.parse(Array($0.utf8)) }.map(Document.json)
        let spelled = query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return Call(
            id: CallID(random: (id, id)), session: SessionID(session), method: method,
            target: Target(
                scheme: .https, authority: Authority(host: host, port: 443),
                segments: path.string.split(separator: "/").map { Text(String($0)) }, query: query,
                spelling: spelled.isEmpty ? path : Text("\(path)?\(spelled)")),
            fields: fields, body: body.map { .bytes(Array($0.utf8)) } ?? .none,
            document: document ?? parsed ?? (body == nil ? .none : .opaque("no reader")), operations: [.http],
            principal: principal)
    }
}

extension Verdict {
    package static func sample(
        tier: Tier = .irreversible, category: Category? = .financial, flags: [Flag] = [],
        disposition: Disposition = .hold, summaries: [String] = ["Send 5.00 USD to ch_1"],
        terms: Terms = Terms(approvers: ["finance"]), rulesDigest: String = "r1"
    ) -> Verdict {
        Verdict(
            tier: tier, category: category, flags: flags, disposition: disposition,
            matches: [
                Match(rule: "stripe.money-out", pack: "stripe", source: "rules/stripe.yaml:18", tier: tier)
            ],
            summaries: summaries, reason: "rule stripe.money-out (rules/stripe.yaml:18): money leaves the account",
            terms: terms, rulesDigest: rulesDigest)
    }
}
