import Calls
import Holds
import HoldsTesting
import JSON
import Operators
import Synchronization
import System
import Wire

extension FuzzTarget {
    static let operators = FuzzTarget(
        name: "operators",
        summary: "requests to the operator socket: each has an answer that is read back, and JSON",
        seeds: [
            "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/holds?state=pending&session=s%5Fagent&limit=2 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/holds/h_ HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/holds/@/approve HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 12\r\n\r\n{\"now\":true}",
            "POST /v1/holds/@/reject HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 15\r\n\r\n{\"reason\":\"no\"}",
            "POST /v1/holds/@/resolve HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 32\r\n\r\n"
                + "{\"executed\":true,\"reason\":\"seen\"}",
            "GET /v1/holds/@/nonce HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/holds/@/claim HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\n\r\n",
            "POST /v1/holds/@/handover HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 13\r\n\r\n{\"to\":\"root\"}",
            "POST /v1/holds/@/extend HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 20\r\n\r\n{\"for_ms\":172800000}",
            "POST /v1/holds/@/ask HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 15\r\n\r\n{\"text\":\"why?\"}",
            "POST /v1/holds/@/approve HTTP/1.1\r\nHost: x\r\nIf-Match: \"@\"\r\nContent-Length: 55\r\n\r\n"
                + "{\"signature\":{\"nonce\":\"1\",\"armoured\":\"x\",\"signer\":\"a\"}}",
        ].map(\.bytes),
        dictionary: [
            "GET ", "POST ", "/v1/", "holds", "health", "/approve", "/reject", "/reopen", "/resolve", "/claim",
            "/handover",
            "/extend", "/ask", "/nonce", "\"to\":", "\"for_ms\":", "\"text\":", "\"signature\":{\"nonce\":", "?state=",
            "&limit=",
            "&session=", "h_", "If-Match: \"@\"", "Content-Length: ", "{\"reason\":\"", "\"now\":true", "\"executed\":",
            "%00",
            "@", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n",
        ],
        run: { bytes throws(Finding) in
            guard let loop = try? EventLoop() else { return }
            let outcome = Outcome()
            loop.spawn { outcome.set(await answer(bytes)) }
            loop.run { outcome.value != nil }
            if let finding = outcome.value ?? nil { throw finding }
        })

    /// Reads the bytes as the socket does, and checks the answer.
    private static func answer(_ bytes: [UInt8]) async -> Finding? {
        let bench = GateBench()
        guard let held = try? await bench.hold(.sample(), .sample()),
            (try? await bench.hold(.sample(body: "2"), .sample())) != nil
        else { return Finding("the bench does not hold") }
        let (clock, limits) = (bench.clock, OperatorLimits())
        let server = OperatorServer(
            gate: bench.gate, boundary: .enforced, access: Access(owner: 1000, group: nil), version: "1",
            limits: limits, now: { clock.now },
            health: { GateHealth(rulesDigest: "d", store: .working, journal: .working) }, sendNow: { _ in },
            sessions: { [] })
        // `@` in a path is the hold's id, `"@"` its digest: no mutation would find either.
        let bytes = bytes.replacing("/@".bytes, with: "/\(held.hold.id)".bytes)
            .replacing("\"@\"".bytes, with: "\"\(held.hold.digest)\"".bytes)
        guard let (head, consumed) = try? RequestHead.parse(bytes.span, limits: limits.head) else { return nil }
        var decoder = BodyDecoder(head.framing, limits: limits.head)
        let rest = Array(bytes[consumed...])
        var body: [UInt8] = []
        guard (try? decoder.decode(rest.span, into: &body)) != nil, decoder.isComplete else { return nil }
        let peer = Peer(person: Operator(uid: 1000, name: "ada"), groups: [])
        let reply = await server.reply(to: head, body: body, from: peer)
        var sent: [UInt8] = []
        reply.write(server: "tiergate/1", close: false, into: &sent)
        guard let (answer, length) = try? ResponseHead.parse(sent.span, to: "GET") else {
            return Finding("an answer is not read: \(Transcript.quoted(sent))")
        }
        guard answer.framing == .length(UInt64(sent.count - length)) else {
            return Finding("an answer of another length")
        }
        guard (try? JSONDocument.parse(Array(sent[length...]))) != nil else {
            return Finding("an answer is no JSON: \(Transcript.quoted(sent))")
        }
        return nil
    }

    /// Nil until there is an answer; then what was found, if anything.
    private final class Outcome: Sendable {
        private let result = Mutex<Finding??>(nil)

        var value: Finding?? { result.withLock { $0 } }

        func set(_ value: Finding?) { result.withLock { $0 = .some(value) } }
    }
}
