package import Calls
package import JSON

/// The other end of the operator socket, for the commands: each question runs a loop of its own until it is answered.
package struct OperatorClient: Sendable {
    private let path: String
    /// Milliseconds for one question and its answer.
    private let patience: Int64

    package init(socket path: String, patience: Int64 = 15_000) {
        self.path = path
        self.patience = patience
    }

    package func health() throws(OperatorFailure) -> HealthView {
        try read(ask("GET", "/v1/health"), HealthView.init)
    }

    /// - Parameter states: names of states; empty for all.
    package func holds(
        states: [String] = [], session: String? = nil, limit: Int? = nil
    ) throws(OperatorFailure) -> HoldList {
        var query = states.map { "state=\(Self.encoded($0))" }
        if let session { query.append("session=\(Self.encoded(session))") }
        if let limit { query.append("limit=\(limit)") }
        let suffix = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        return try read(ask("GET", "/v1/holds\(suffix)"), HoldList.init)
    }

    package func sessions() throws(OperatorFailure) -> SessionList {
        try read(ask("GET", "/v1/sessions"), SessionList.init)
    }

    /// One hold with its call, by its id or the beginning of it.
    package func hold(_ name: String) throws(OperatorFailure) -> HoldReport {
        try read(ask("GET", "/v1/holds/\(Self.encoded(name))"), HoldReport.init)
    }

    /// What a decision about this hold can be signed with, once.
    package func nonce(for id: String) throws(OperatorFailure) -> NonceView {
        try read(ask("GET", "/v1/holds/\(Self.encoded(id))/nonce"), NonceView.init)
    }

    /// - Parameter digest: of what the person saw.
    package func approve(
        _ id: String, digest: String, reason: String? = nil, now: Bool = false, signature: SignedWords? = nil
    ) throws(OperatorFailure) -> HoldReport {
        try decide(.approve, id, digest, reason, signature) { if now { $0.field("now", true) } }
    }

    /// - Parameters:
    ///   - suggestion: what would be accepted.
    ///   - patch: the same as a JSON Patch of the call's body.
    package func reject(
        _ id: String, digest: String, reason: String, suggestion: String? = nil, patch: JSONDocument? = nil,
        signature: SignedWords? = nil
    ) throws(OperatorFailure) -> HoldReport {
        try decide(.reject, id, digest, reason, signature) {
            if let suggestion { $0.field("suggest", suggestion) }
            if let patch { $0.raw("suggest_patch", patch.root.spelling) }
        }
    }

    package func reopen(
        _ id: String, digest: String, reason: String? = nil, signature: SignedWords? = nil
    ) throws(OperatorFailure) -> HoldReport {
        try decide(.reopen, id, digest, reason, signature) { _ in }
    }

    package func resolve(
        _ id: String, digest: String, wasExecuted: Bool, reason: String, signature: SignedWords? = nil
    ) throws(OperatorFailure) -> HoldReport {
        try decide(.resolve, id, digest, reason, signature) { $0.field("executed", wasExecuted) }
    }

    package func claim(_ id: String, digest: String) throws(OperatorFailure) -> HoldReport {
        try decide(.claim, id, digest) { _ in }
    }

    /// - Parameter name: an account; nil gives it back.
    package func handOver(_ id: String, digest: String, to name: String?) throws(OperatorFailure) -> HoldReport {
        try decide(.handover, id, digest) { if let name { $0.field("to", name) } }
    }

    /// - Parameter milliseconds: from now to its new end.
    package func extend(
        _ id: String, digest: String, for milliseconds: Int64, reason: String? = nil
    ) throws(OperatorFailure) -> HoldReport {
        try decide(.extend, id, digest, reason) { $0.field("for_ms", milliseconds) }
    }

    package func ask(_ id: String, digest: String, question: String) throws(OperatorFailure) -> HoldReport {
        try decide(.ask, id, digest) { $0.field("question", question) }
    }

    /// The body as a person changes it in an editor, with the digest of what it is of.
    package func draft(of id: String) throws(OperatorFailure) -> Draft {
        try read(ask("GET", "/v1/holds/\(Self.encoded(id))/draft"), Draft.init)
    }

    package func edit(_ id: String, digest: String, _ edit: CallEdit) throws(OperatorFailure) -> HoldReport {
        try decide(.edit, id, digest, nil) { edit.write(into: &$0) }
    }

    // MARK: The kill switch

    package func stops() throws(OperatorFailure) -> StopReportView {
        try read(ask("GET", "/v1/stops"), StopReportView.init)
    }

    /// - Parameter scope: `everything`, `agent:NAME` or `session:ID`.
    package func change(
        _ action: StopAction, _ scope: String, reason: String?
    ) throws(OperatorFailure) -> StopReportView {
        let body = JSONWriter.object {
            $0.field("scope", scope)
            if let reason { $0.field("reason", reason) }
        }
        return try read(ask("POST", "/v1/\(action.rawValue)", body: body), StopReportView.init)
    }

    private func decide(
        _ action: DecisionAction, _ id: String, _ digest: String, _ reason: String? = nil,
        _ signature: SignedWords? = nil, _ more: (inout JSONWriter.Object) -> Void
    ) throws(OperatorFailure) -> HoldReport {
        let body = JSONWriter.object {
            if let reason { $0.field("reason", reason) }
            if let signature {
                $0.object("signature") {
                    $0.field("nonce", signature.nonce)
                    if let signer = signature.signer { $0.field("signer", signer) }
                    $0.field("armoured", signature.armoured)
                }
            }
            more(&$0)
        }
        let path = "/v1/holds/\(Self.encoded(id))/\(action.rawValue)"
        return try read(ask("POST", path, fields: ["If-Match": "\"\(digest)\""], body: body), HoldReport.init)
    }

    /// What is no unreserved character goes percent-encoded (RFC 3986 section 2.3).
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + hexadecimal([byte]).uppercased()
            }
        }.joined()
    }
}

// MARK: One question, one answer

extension OperatorClient {
    private func ask(
        _ method: String, _ target: String, fields: Fields = [:], body: [UInt8]? = nil
    ) throws(OperatorFailure) -> OperatorExchange.Answer {
        var request = Array("\(method) \(target) HTTP/1.1\r\nHost: tiergate\r\nConnection: close\r\n".utf8)
        for index in 0..<fields.count {
            request += Array(fields.name(at: index)) + Array(": ".utf8) + Array(fields.value(at: index))
            request += Array("\r\n".utf8)
        }
        if let body {
            request += Array("Content-Type: application/json\r\nContent-Length: \(body.count)\r\n".utf8)
        }
        request += Array("\r\n".utf8) + (body ?? [])
        return try OperatorExchange(path: path, request: request, method: Text(method), patience: patience).run()
    }

    private func read<R>(
        _ answer: OperatorExchange.Answer, _ convert: (JSONReader) throws(JSONReader.Mismatch) -> R
    ) throws(OperatorFailure) -> R {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(answer.body)
        } catch {
            throw .notUnderstood(path: path, reason: "its answer is not JSON: \(error)")
        }
        let refusal: OperatorRefusal
        do throws(JSONReader.Mismatch) {
            let reader = try JSONReader(document.root)
            if answer.status == 200 { return try convert(reader) }
            refusal = try OperatorRefusal(reader)
        } catch {
            throw .notUnderstood(path: path, reason: "its answer has no \(error.path) that this version reads")
        }
        throw .refused(refusal)
    }
}
