import Calls
import Holds
import JSON

/// Refusals as bytes, in the words of the API that was called.
extension Refusal {
    /// The status on the wire. Where a protocol has errors of its own inside a whole answer, its clients lose the text of
    /// every other answer, and take none of these for success.
    func status(_ dialect: Dialect) -> Int {
        switch dialect {
        case .gitPush(let push) where push.canBeTold: 200
        case .rpc(let question) where question.isMCP: 200
        case .problem, .aws, .google, .slack, .kubernetes, .graphql, .rpc, .gitPush, .plainText: status
        }
    }

    /// In another dialect than the API's where nobody knows who asks: that is the proxy's to say, and for whoever runs the
    /// client.
    func form(_ dialect: Dialect) -> Dialect { status == 407 ? .problem : dialect }

    func fields(_ dialect: Dialect) -> Fields {
        var fields: Fields = ["Cache-Control": "no-store", "Content-Type": type(dialect)]
        // RFC 7617 section 2; Bearer works as well, and clients of proxies know Basic.
        if status == 407 { fields.append("Proxy-Authenticate", "Basic realm=\"tiergate\", charset=\"UTF-8\"") }
        if case .aws(let form) = dialect {
            if let retryAfter { fields.append("x-amz-retry-after", String(retryAfter * 1000)) }
            if case .json = form { fields.append("x-amzn-errortype", amazonCode) }
            // Without it their clients take an answer for a proxy's.
            if form == .cbor { fields.append("smithy-protocol", "rpc-v2-cbor") }
        }
        if let retryAfter { fields.append("Retry-After", String(retryAfter)) }
        if isFinal {
            fields.append("x-should-retry", "false")
            fields.append("Stripe-Should-Retry", "false")
        }
        if let hold { fields.append("Tiergate-Hold", hold.description) }
        return fields
    }

    private func type(_ dialect: Dialect) -> String {
        switch dialect {
        case .problem: "application/problem+json"
        case .aws(.query), .aws(.s3): "text/xml"
        case .aws(.json(let version)): version
        case .aws(.cbor): "application/cbor"
        case .google, .slack, .kubernetes, .rpc: "application/json"
        case .graphql(let type): type.rawValue
        case .gitPush(let push): push.canBeTold ? GitPush.answerType : "text/plain; charset=utf-8"
        case .plainText: "text/plain; charset=utf-8"
        }
    }

    func body(_ dialect: Dialect) -> [UInt8] {
        switch dialect {
        case .problem: problem
        case .aws(.query): amazonXML(isWrapped: true)
        case .aws(.s3): amazonXML(isWrapped: false)
        case .aws(.json): amazonJSON
        case .aws(.cbor): amazonCBOR
        case .google: googleStatus
        case .slack: slackError
        case .kubernetes: kubernetesStatus
        case .graphql: graphqlErrors
        case .rpc(let question): rpcAnswer(to: question)
        case .gitPush(let push): push.canBeTold ? push.report(phrase, detail) : Array("\(detail)\n".utf8)
        case .plainText: Array("\(detail)\n".utf8)
        }
    }

    /// RFC 9457's members, and those in which the usual clients look for a text: `message` (GitHub, Twilio with an integer
    /// `code`, most others), `error.message` (Stripe, OpenAI, Anthropic, Azure).
    private var problem: [UInt8] {
        JSONWriter.object { body in
            body.field("type", "about:blank")
            body.field("status", status)
            body.field("message", detail)
            body.field("code", status)
            body.object("error") { error in
                error.field("message", detail)
                error.field("type", code)
                error.field("code", code)
            }
            write(common: &body)
        }
    }

    /// What is in every JSON form under names that no API means otherwise.
    func write(common body: inout JSONWriter.Object) {
        body.field("title", title)
        body.field("detail", detail)
        body.field("reason", code)
        write(particulars: &body)
    }

    func write(particulars body: inout JSONWriter.Object) {
        if let hold {
            body.field("hold", hold.description)
            body.field("hold_url", AgentDesk.url(of: hold))
        }
        if let question { body.field("question", question) }
        if let suggestion { body.object("suggestion", suggestion.write) }
    }
}

extension Suggestion {
    func write(into body: inout JSONWriter.Object) {
        if let text { body.field("text", text) }
        if let patch { body.raw("patch", patch.utf8) }
    }
}
