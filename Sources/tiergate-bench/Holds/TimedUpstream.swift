import Client
import Crypto
import System

/// An upstream that notes when each call arrives. Confined to one loop.
final class TimedUpstream: @unchecked Sendable {
    private let listener: Listener
    private let context: TLSServerContext
    private let authority: CertificateAuthority
    private let answer = Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".utf8)
    /// When the first bytes of the last call were read.
    private(set) var arrived: Moment?
    /// That were made to it: a call that needs one of its own waits for a handshake too.
    private(set) var connections = 0

    init(_ site: Site) throws {
        listener = try Listener(.ip(.v4(0x7F00_0001), port: site.originPort))
        context = try TLSServerContext()
        let files = site.certificates.origin
        authority = try CertificateAuthority(certificateFile: files.root, keyFile: files.rootKey)
    }

    /// Serves for as long as the loop runs.
    func serve(on loop: EventLoop) {
        loop.spawn { [self] in
            try? await listener.accept(on: loop) { descriptor, _, _ in
                guard let socket = try? Socket(owning: descriptor, on: loop) else { return }
                socket.sendAtOnce()
                try? await self.serve(HTTPConnection(socket, pool: BufferPool()))
            }
        }
    }

    private func serve(_ connection: HTTPConnection) async throws {
        try await connection.accept(context, as: authority.leaf(for: Route.usualName))
        connections += 1
        while let moment = try await connection.request() {
            arrived = moment
            try await connection.send(answer)
        }
    }
}
