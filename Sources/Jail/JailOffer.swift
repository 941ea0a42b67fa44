import CSystem
import Glibc
package import System

/// A jail's listeners on their way to a gate that runs already; its socket is in the gate's state directory.
///
/// The connection lives as long as both do: when the gate goes the jail is ended, and when the jail goes the gate lets
/// its listeners go.
package struct JailOffer: Sendable {
    package let session: String
    /// How freely the program may act; empty where nobody said.
    package let autonomy: String
    package let listeners: Jail.Listeners

    package init(session: String, autonomy: String, listeners: Jail.Listeners) {
        self.session = session
        self.autonomy = autonomy
        self.listeners = listeners
    }

    package enum Answer: UInt8, Sendable {
        /// Its listeners are served.
        case taken = 1
        /// Two runs of one name would be one session to rules, limits and operators.
        case sessionIsThere
    }

    /// The socket's name in a state directory.
    package static func path(in state: String) -> String { "\(state)/jails.sock" }

    /// Makes it, for the gate's own account alone.
    package static func listen(in state: String) throws(IOError) -> CInt {
        let descriptor = tg_offer_listen(path(in: state))
        guard descriptor >= 0 else { throw .system("listen for jails in \(state)", -descriptor) }
        return descriptor
    }

    /// The next jail's connection; nil where it is gone again.
    package static func accept(_ listener: CInt) -> CInt? {
        let descriptor = tg_offer_accept(listener)
        return descriptor >= 0 ? descriptor : nil
    }

    /// A connection to the gate of a state directory; nil where none answers.
    package static func connect(to state: String) -> CInt? {
        let descriptor = tg_offer_connect(path(in: state))
        return descriptor >= 0 ? descriptor : nil
    }

    private var descriptors: [CInt] { listeners.streams + listeners.datagrams + listeners.nameStreams }

    /// Closes the listeners.
    package func withdraw() {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Gives the listeners away, and waits until the gate has taken them.
    package func send(over connection: CInt) throws(JailFailure) {
        var offer = tg_offer()
        offer.streams = UInt32(listeners.streams.count)
        offer.datagrams = UInt32(listeners.datagrams.count)
        offer.name_streams = UInt32(listeners.nameStreams.count)
        withUnsafeMutableBytes(of: &offer.session) { room in
            for (index, byte) in session.utf8.prefix(room.count - 1).enumerated() { room[index] = byte }
        }
        withUnsafeMutableBytes(of: &offer.autonomy) { room in
            for (index, byte) in autonomy.utf8.prefix(room.count - 1).enumerated() { room[index] = byte }
        }
        let all = descriptors
        defer { withdraw() }
        var word: UInt8 = 0
        guard tg_offer_send(connection, &offer, all, CInt(all.count)) == 0, read(connection, &word, 1) == 1 else {
            throw JailFailure("the running gate did not take the jail", help: "its log says why")
        }
        guard word != Answer.sessionIsThere.rawValue else {
            throw JailFailure(
                "a run with the session \(session) is there already", help: "give this one another --session NAME")
        }
    }

    /// Takes what a jail sends; nil where it is not an offer. Its descriptors are the caller's.
    package init?(from connection: CInt) {
        var offer = tg_offer()
        let room = Int(tg_jail_most_listeners.rawValue)
        var descriptors = [CInt](repeating: -1, count: room)
        let count = Int(tg_offer_receive(connection, &offer, &descriptors, CInt(room)))
        guard count >= 0 else { return nil }
        let taken = Array(descriptors.prefix(count))
        let (streams, datagrams) = (Int(offer.streams), Int(offer.datagrams))
        guard streams <= room, datagrams <= room, offer.name_streams <= room, streams > 0,
            streams + datagrams + Int(offer.name_streams) == count
        else {
            for descriptor in taken { close(descriptor) }
            return nil
        }
        session = withUnsafeBytes(of: &offer.session) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        autonomy = withUnsafeBytes(of: &offer.autonomy) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        listeners = Jail.Listeners(
            streams: Array(taken.prefix(streams)), datagrams: Array(taken.dropFirst(streams).prefix(datagrams)),
            nameStreams: Array(taken.dropFirst(streams + datagrams)))
    }

    /// Tells the jail what became of its offer.
    package static func answer(_ answer: Answer, to connection: CInt) {
        var word = answer.rawValue
        _ = tg_send(connection, &word, 1)
    }
}
