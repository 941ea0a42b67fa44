import CSystem
import Glibc
import Synchronization
package import System

/// Connects in the stead of a program that has no network of its own, each time to the gate.
///
/// The gate knows a connection's destination by where it comes from: `destination`.
package final class Supervisor: Sendable {
    /// Connections whose destination nobody has asked for yet.
    static let most = 65_536
    /// Where questions for names go, over TCP: whom the program asks makes no difference.
    private static let namesPort: UInt16 = 53

    /// The gate's, at loopback addresses.
    package let listeners: Jail.Listeners
    private let ports: [CInt: (connections: UInt16, names: UInt16)]
    private let waiting = Mutex<[SocketAddress: SocketAddress]>([:])

    package init() throws(JailFailure) {
        var streams: [CInt] = []
        var names: [CInt] = []
        var ports: [CInt: (connections: UInt16, names: UInt16)] = [:]
        for family in JailPlan.hasIPv6 ? [AF_INET, AF_INET6] : [AF_INET] {
            var port: UInt16 = 0
            let stream = tg_supervised_listener(family, &port)
            var namesPort: UInt16 = 0
            let name = tg_supervised_listener(family, &namesPort)
            guard stream >= 0, name >= 0 else {
                for descriptor in streams + names + [stream, name] where descriptor >= 0 { close(descriptor) }
                // Switched off, and so closed to the program too.
                if family == AF_INET6 { break }
                throw JailFailure("cannot listen on 127.0.0.1: \(IOError.explanation(of: -min(stream, name)))")
            }
            streams.append(stream)
            names.append(name)
            ports[family] = (port, namesPort)
        }
        listeners = Jail.Listeners(streams: streams, datagrams: [], nameStreams: names)
        self.ports = ports
    }

    /// Where the program meant to connect that connects from there; once.
    package func destination(from source: SocketAddress) -> SocketAddress? {
        waiting.withLock { $0.removeValue(forKey: source) }
    }

    /// Answers until nobody is left who could call; owns the descriptor.
    func serve(_ notify: CInt) throws(JailFailure) {
        do throws(IOError) {
            try WorkerThread.spawn("supervisor") { [self] in
                var call = tg_supervised_call()
                while true {
                    let found = tg_supervised_next(notify, &call)
                    if found == 1 {
                        tg_supervised_answer(notify, &call, connect(&call))
                        close(call.descriptor)
                    } else if found < 0 {
                        break
                    }
                }
                // From here on every call of the kind fails (ENOSYS).
                close(notify)
            }
        } catch {
            close(notify)
            throw JailFailure("no thread for the program's connections: \(error)")
        }
    }

    /// Returns 0, or the errno that the program gets.
    private func connect(_ call: inout tg_supervised_call) -> CInt {
        let form = withUnsafeBytes(of: call.destination) { $0.loadUnaligned(as: sockaddr_storage.self) }
        guard let destination = SocketAddress(form), case .ip(let address, let port) = destination,
            let ports = ports[CInt(form.ss_family)]
        else { return EAFNOSUPPORT }
        // What is this machine's is not the program's; of its own it has nothing here.
        let isForNames = port == Supervisor.namesPort
        guard isForNames || !(destination.isLoopback || address.isUnspecified) else { return ECONNREFUSED }
        var storage = sockaddr_storage()
        let failed = tg_supervised_source(&call, &storage)
        guard failed == 0, let source = SocketAddress(storage) else { return failed == 0 ? EADDRNOTAVAIL : -failed }
        if isForNames { return -tg_supervised_connect(&call, ports.names) }
        let isNoted = waiting.withLock { waiting in
            guard waiting.count < Supervisor.most else { return false }
            waiting[source] = destination
            return true
        }
        guard isNoted else { return EADDRNOTAVAIL }
        let result = -tg_supervised_connect(&call, ports.connections)
        if result != 0, result != EINPROGRESS { _ = self.destination(from: source) }
        return result
    }
}
