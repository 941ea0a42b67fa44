import Calls
import JSON
import System
import Wire

/// A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).
extension Connector {
    /// Interim heads before the proxy's answer; more are a proxy that never answers.
    static let interimHeads = 16

    func openTunnel(
        on stream: Stream, to authority: Authority, by proxy: UpstreamProxy, _ deadline: Int64
    ) async throws(UpstreamFailure) {
        let name = authority.description
        func refused(_ reason: String) -> UpstreamFailure {
            .proxyRefused(name, proxy: proxy.description, reason: reason)
        }
        var request = Array("CONNECT \(name) HTTP/1.1\r\nHost: \(name)\r\n".utf8)
        if let authorization = proxy.authorization {
            request += Array("Proxy-Authorization: ".utf8) + authorization + [0x0D, 0x0A]
        }
        request += [0x0D, 0x0A]
        let answer: ResponseHead
        do {
            try await stream.write(request, by: deadline)
            answer = try await answerToConnect(on: stream, by: deadline)
        } catch IOError.timedOut {
            throw .timedOut("the proxy \(proxy.description)", .connect)
        } catch {
            throw refused("\(error)")
        }
        switch answer.status {
        case 200..<300:
            // Whatever came after the answer is not the upstream's: it has not been spoken to.
            guard stream.input.isEmpty else { throw refused("it sent bytes of its own into the tunnel") }
        case 407: throw refused("it asks for credentials (407); see upstream.proxy_credentials")
        default: throw refused("it answered \(answer.status)")
        }
    }

    private func answerToConnect(on stream: Stream, by deadline: Int64) async throws -> ResponseHead {
        var interims = 0
        while true {
            let parsed = try stream.input.read { span throws(WireError) in
                try ResponseHead.parse(span, to: "CONNECT")
            }
            if let (head, consumed) = parsed {
                stream.input.consume(consumed)
                guard head.isInterim else { return head }
                interims += 1
                guard interims <= Connector.interimHeads else { throw WireError.unexpectedStatus }
                continue
            }
            guard try await stream.fill(by: deadline) > 0 else { throw IOError.truncated }
        }
    }
}
