import Calls
import Client
import Crypto
import JSON
import System
import Wire

/// A connection that was going elsewhere: as a tunnel is after a CONNECT, but for that nobody wrote one.
extension AgentConnection {
    /// For the first byte: nobody who speaks first in one of our protocols waits this long.
    static let firstByteTime: Int64 = 20_000

    /// A TLS record of type handshake, and the capitals that methods begin with.
    private static let handshake: UInt8 = 0x16
    private static let capitals: ClosedRange<UInt8> = 0x41...0x5A

    /// Finds out what is spoken, and serves it.
    func begin(_ way: InterceptedWay, unless isLoop: () -> Bool) async {
        let patience = services.settings.firstByteTime
        switch await stream.idle(by: loop.now + patience) {
        case .ready: break
        case .over: return end()
        case .timedOut: return await refuse(.unspoken(.silent(way.place, milliseconds: patience)))
        }
        guard !isLoop() else { return await refuse(.malformed(.ownConnection)) }
        // Nothing but an end: a connection that was only tried.
        guard let first = try? await stream.socket.peek(by: loop.now + patience) else { return end() }
        switch first {
        case AgentConnection.handshake: await beginSecure(way)
        // Whom it means, the first head says.
        case AgentConnection.capitals: await serve()
        default: await refuse(.unspoken(.foreign(way.place)))
        }
    }

    private func beginSecure(_ way: InterceptedWay) async {
        do throws(CallFailure) {
            // A client that means another than its address was given out for is shown a certificate of that one too, so that it
            // takes in why it is refused; one without a name is shown one of the address.
            let expected = way.known ?? way.unnamed
            guard await secure(expected, naming: naming(butFor: expected)) else { return end() }
            try mean(way.authority(named: stream.serverName), .https)
            await serve()
        } catch {
            let exchange = exchange(.failure(.misdirected))
            exchange.bar = error
            await refuse(exchange)
            end()
        }
    }

    private func naming(butFor expected: Authority) -> LeafNaming {
        LeafNaming { [authority = services.authority] name in
            // As it will be read after the handshake.
            guard let named = try? Authority.read(name.utf8, defaultPort: Scheme.https.defaultPort),
                named.host != expected.host
            else { return nil }
            return try? authority.leaf(for: named.host.string)
        }
    }

    /// From here on it is known whom every call on this connection is for.
    func mean(_ meant: (authority: Authority, floor: VerdictFloor?), _ scheme: Scheme) {
        tunnel = Exchange.Tunnel(authority: meant.authority, scheme: scheme)
        floor = meant.floor
    }

    /// Records why, as often as the session may make calls, and ends the connection without a word: whoever is there would
    /// not understand one.
    private func refuse(_ failure: CallFailure) async {
        guard case .now = connection.session.turn(at: loop.now) else { return end() }
        let exchange = exchange(.failure(.malformedStartLine))
        exchange.bar = failure
        exchange.isMute = true
        await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
        end()
    }
}
