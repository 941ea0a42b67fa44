import CSystem
import Glibc
import Synchronization

/// A UDP socket that answers from the address that it was asked at.
package final class DatagramSocket: Sendable {
    package let address: SocketAddress
    /// Taken by the one loop that serves it.
    private let fd: Mutex<CInt?>
    private let serving = Mutex<CInt?>(nil)

    /// Bytes of a datagram; a longer one is not looked at.
    package static let longest = 4096
    /// Datagrams that are answered before others on the loop have their turn.
    private static let share = 64

    package init(_ address: SocketAddress) throws(IOError) {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = FileDescriptor(owning: socket(address.family, type, 0))
        guard descriptor.raw >= 0 else { throw .system("socket", errno) }
        var one: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor.raw, SOL_SOCKET, SO_REUSEPORT, &one, size)
        if case .ip(.v6, _) = address {
            setsockopt(descriptor.raw, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &one, size)
        }
        try DatagramSocket.prepare(descriptor.raw, address.family)
        let failed = address.withKernelForm { bind(descriptor.raw, $0, $1) == 0 ? 0 : errno } ?? ENAMETOOLONG
        guard failed == 0 else { throw .system("bind \(address)", failed) }
        self.address = SocketAddress(ofSocket: descriptor.raw) ?? address
        fd = Mutex(descriptor.release())
    }

    /// Takes over a bound socket, made elsewhere (another network namespace).
    package init(adopting raw: CInt) throws(IOError) {
        let descriptor = FileDescriptor(owning: raw)
        guard let address = SocketAddress(ofSocket: raw) else { throw .system("getsockname", errno) }
        try DatagramSocket.prepare(raw, address.family)
        fd = Mutex(descriptor.release())
        self.address = address
    }

    private static func prepare(_ raw: CInt, _ family: CInt) throws(IOError) {
        let flags = fcntl(raw, F_GETFL)
        guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0 else { throw .system("fcntl", errno) }
        let failed = tg_datagram_options(raw, family)
        guard failed == 0 else { throw .system("IP_PKTINFO", -failed) }
    }

    /// Answers until the loop drains or `end`.
    ///
    /// - Parameter datagram: called on the loop; the answer goes back by the value it is given, now or later.
    package func serve(
        on loop: EventLoop, _ datagram: @escaping ([UInt8], Return) -> Void
    ) async throws(IOError) {
        let taken = fd.withLock { fd in
            defer { fd = nil }
            return fd
        }
        guard let taken else { throw .system("recvmsg", EBADF) }
        let socket = try Socket(owning: taken, on: loop)
        serving.withLock { $0 = taken }
        defer { serving.withLock { $0 = nil } }
        var buffer = [UInt8](repeating: 0, count: DatagramSocket.longest)
        while true {
            do throws(IOError) {
                try await socket.idle(by: .max)
            } catch {
                if case .interrupted = error { return }
                throw error
            }
            var count = 0
            reading: while true {
                var peer = sockaddr_storage()
                var local = sockaddr_storage()
                let size = tg_receive(taken, &buffer, UInt(buffer.count), &peer, &local)
                switch -size {
                case ...0:
                    guard let peer = SocketAddress(peer), let local = SocketAddress(local) else { break }
                    datagram(Array(buffer.prefix(size)), Return(socket, peer, local))
                case Int(EAGAIN):
                    guard !socket.hasHungUp else { return }
                    socket.readiness.pointee &= ~Slot.readable
                    break reading
                // Too long, or an earlier answer that reached nobody (ICMP).
                default: break
                }
                count += 1
                if count % DatagramSocket.share == 0 { await loop.nextTurn() }
            }
        }
    }

    /// Answers no more, from any thread.
    package func end() {
        if let raw = fd.withLock({ fd in
            defer { fd = nil }
            return fd
        }) {
            close(raw)
        }
        serving.withLock { raw in if let raw { shutdown(raw, CInt(SHUT_RDWR)) } }
    }

    deinit {
        if let raw = fd.withLock({ $0 }) { close(raw) }
    }

    /// The way back of one datagram. Confined to the loop, as its socket is.
    package struct Return: @unchecked Sendable {
        private let socket: Socket
        package let peer: SocketAddress
        /// Where it was sent to, without a port.
        private let local: SocketAddress

        init(_ socket: Socket, _ peer: SocketAddress, _ local: SocketAddress) {
            self.socket = socket
            self.peer = peer
            self.local = local
        }

        /// An answer that the kernel does not take is lost, as any datagram may be.
        package func send(_ bytes: [UInt8]) {
            guard var peer = peer.storage, var local = local.storage else { return }
            _ = tg_reply(socket.fd, bytes, UInt(bytes.count), &peer, &local)
        }
    }
}
