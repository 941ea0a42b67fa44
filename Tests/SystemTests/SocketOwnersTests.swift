import Glibc
import Testing

@testable import System

/// Both ends of a connection over loopback, blocking.
private struct Pair {
    let accepted: CInt
    let peer: CInt

    /// - Parameters:
    ///   - listening: where is listened.
    ///   - target: where the peer connects to, with the listener's port.
    init(listening: String, connecting target: String) throws {
        let address = try #require(SocketAddress(listening))
        let listener = socket(address.family, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(address.withKernelForm { bind(listener, $0, $1) } == 0)
        try #require(listen(listener, 1) == 0)
        var bound = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard case .ip(_, let port)? = SocketAddress(bound), let host = IPAddress(target) else {
            throw IOError.truncated
        }
        let there = SocketAddress.ip(host, port: port)
        peer = socket(there.family, CInt(SOCK_STREAM.rawValue), 0)
        let descriptor = peer
        try #require(there.withKernelForm { connect(descriptor, $0, $1) } == 0)
        accepted = accept(listener, nil, nil)
        try #require(accepted >= 0)
    }
}

@Suite struct SocketOwnersTests {
    @Test(
        "a connection of this machine has its account, whichever protocol it came by",
        arguments: [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1"), ("[::]:0", "127.0.0.1")])
    func account(listening: String, target: String) throws {
        let pair = try Pair(listening: listening, connecting: target)
        #expect(try SocketOwners().account(of: pair.accepted) == geteuid())
        close(pair.peer)
        close(pair.accepted)
    }

    @Test("one that only stopped sending has it still") func halfClosed() throws {
        let pair = try Pair(listening: "127.0.0.1:0", connecting: "127.0.0.1")
        shutdown(pair.peer, CInt(SHUT_WR))
        #expect(try SocketOwners().account(of: pair.accepted) == geteuid())
        close(pair.peer)
        close(pair.accepted)
    }

    /// The kernel says of such sockets that they are root's.
    @Test("one whose process has closed it has none, though the kernel would name root", arguments: [true, false])
    func closed(isReset: Bool) throws {
        let pair = try Pair(listening: "127.0.0.1:0", connecting: "127.0.0.1")
        if isReset {
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(pair.peer, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }
        close(pair.peer)
        #expect(try SocketOwners().account(of: pair.accepted) == nil)
        close(pair.accepted)
    }

    @Test("what is no connection over IP has none") func others() throws {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let owners = try SocketOwners()
        #expect(owners.account(of: pair[0]) == nil)
        #expect(owners.account(of: -1) == nil)
        for descriptor in pair { close(descriptor) }
    }

    @Test("accounts are found by name and by number") func names() {
        #expect(Accounts.uid(named: "root") == 0)
        #expect(Accounts.uid(named: "4711") == 4711)
        #expect(Accounts.uid(named: "no such account") == nil)
        #expect(Accounts.uid(named: "4294967295") == nil)
    }

    @Test("a connection has the control group of its process, where the kernel says which")
    func group() throws {
        let pair = try Pair(listening: "127.0.0.1:0", connecting: "127.0.0.1")
        let owner = try SocketOwners().owner(of: pair.accepted)
        let membership = String(decoding: try Files.read("/proc/self/cgroup"), as: UTF8.self)
        var status = stat()
        guard let path = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::") })?.dropFirst(3),
            stat("/sys/fs/cgroup\(path)", &status) == 0, access("/sys/fs/cgroup\(path)/cgroup.procs", F_OK) == 0,
            let group = owner?.group
        else { return }
        #expect(group == status.st_ino)
    }
}
