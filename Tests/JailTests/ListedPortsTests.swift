import Glibc
import Testing

@testable import Jail

/// A jail without packet rules, as on kernels that lack them.
@Suite("Listed ports", .enabled(if: Preflight.current.namespaces == .there, "NOT TESTED: no namespaces here, no jails"))
struct ListedPortsTests {
    @Test("a listed port of any address leads to the gate with where it was going, any other is refused")
    func ports() throws {
        let script = """
            (exec 3<>/dev/tcp/192.0.2.7/8081) 2>/dev/null && exit 1
            exec 3<>/dev/tcp/192.0.2.7/8080 || exit 2
            exec 4<>/dev/tcp/2001:db8::7/8080 || exit 3
            """
        var settings = JailSettings(
            command: ["bash", "-c", script].map { Array($0.utf8) }, environment: [], directory: "/", homes: [])
        if geteuid() == 0 { settings.account = .init(uid: 64_312, gid: 64_312) }
        settings.interception = .ports([8080])
        let jail = try Jail.start(settings)
        #expect(jail.interception == .ports([8080]))
        #expect(jail.isWithoutProject)
        jail.go()
        events: while true {
            switch jail.next() {
            case .ended: break events
            case .failed(let failure): Issue.record(failure)
            case .ready, .stopped: continue
            }
        }
        #expect(jail.status() == (JailPlan.hasIPv6 ? 0 : 3))
        let taken = accept(jail.listeners.streams[0], nil, nil)
        try #require(taken >= 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(taken, $0, &length) }
        }
        #expect(UInt16(bigEndian: address.sin_port) == 8080)
        #expect(UInt32(bigEndian: address.sin_addr.s_addr) == 0xC000_0207)
        for descriptor in jail.listeners.streams + jail.listeners.datagrams + jail.listeners.nameStreams + [taken] {
            close(descriptor)
        }
    }
}
