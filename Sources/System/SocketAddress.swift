package import Glibc

/// Where a socket listens or connects to.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    case ip(IPAddress, port: UInt16)
    case unix(path: String)

    /// `127.0.0.1:9510`, `[::1]:9510`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)) else { return nil }
        self = .ip(address, port: port)
    }

    package var description: String {
        switch self {
        case .ip(.v4(let bits), let port): "\(IPAddress.v4(bits)):\(port)"
        case .ip(let address, let port): "[\(address)]:\(port)"
        case .unix(let path): path
        }
    }

    package var isLoopback: Bool {
        switch self {
        case .ip(.v4(let bits), _): bits >> 24 == 127
        case .ip(.v6(let high, let low), _): high == 0 && low == 1
        case .unix: true
        }
    }

    var family: CInt {
        switch self {
        case .ip(.v4, _): AF_INET
        case .ip(.v6, _): AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Hands the kernel's form to `body`; nil where a path is too long for it (107 bytes).
    func withKernelForm<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R? {
        guard let form = kernelForm else { return nil }
        return withUnsafePointer(to: form.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, form.length) }
        }
    }

    /// The kernel's form with room for any family.
    var storage: sockaddr_storage? { kernelForm?.storage }

    private var kernelForm: (storage: sockaddr_storage, length: socklen_t)? {
        var storage = sockaddr_storage()
        switch self {
        case .ip(.v4(let bits), let port):
            let form = sockaddr_in(
                sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: in_addr(s_addr: bits.bigEndian),
                sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: form, as: sockaddr_in.self) }
            return (storage, socklen_t(MemoryLayout<sockaddr_in>.size))
        case .ip(let address, let port):
            let form = sockaddr_in6(
                sin6_family: sa_family_t(AF_INET6), sin6_port: port.bigEndian, sin6_flowinfo: 0,
                sin6_addr: address.in6, sin6_scope_id: 0)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: form, as: sockaddr_in6.self) }
            return (storage, socklen_t(MemoryLayout<sockaddr_in6>.size))
        case .unix(let path):
            let bytes = Array(path.utf8)
            guard bytes.count < 108, !bytes.contains(0) else { return nil }
            withUnsafeMutableBytes(of: &storage) {
                $0.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                for (index, byte) in bytes.enumerated() { $0[2 + index] = byte }
            }
            return (storage, socklen_t(2 + bytes.count + 1))
        }
    }

    package init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch CInt(storage.ss_family) {
        case AF_INET:
            let form = withUnsafeBytes(of: &storage) { $0.loadUnaligned(as: sockaddr_in.self) }
            self = .ip(.v4(UInt32(bigEndian: form.sin_addr.s_addr)), port: UInt16(bigEndian: form.sin_port))
        case AF_INET6:
            let form = withUnsafeBytes(of: &storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
            self = .ip(IPAddress(form.sin6_addr), port: UInt16(bigEndian: form.sin6_port))
        default:
            return nil
        }
    }

    /// The address that a socket has on this side.
    init?(ofSocket raw: CInt) { self.init { getsockname(raw, $0, $1) } }

    /// The address that the other side of a connection has.
    init?(peerOfSocket raw: CInt) { self.init { getpeername(raw, $0, $1) } }

    private init?(_ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask($0, &length) }
        }
        guard failed == 0 else { return nil }
        self.init(storage)
    }
}
