import Glibc
import Testing

@testable import System

@Suite struct DatagramSocketTests {
    @Test(
        "an answer comes from the address that was asked, also where the socket has all of them",
        arguments: ["127.0.0.1", "127.7.7.7"])
    func address(asked: String) throws {
        let loop = try EventLoop()
        let socket = try DatagramSocket(.ip(.v4(0), port: 0))
        guard case .ip(_, let port) = socket.address, let host = IPAddress(asked) else { throw IOError.truncated }
        try WorkerThread.spawn("datagrams") { loop.run { loop.isStopping && loop.taskCount == 0 } }
        loop.spawn { try? await socket.serve(on: loop) { bytes, back in back.send(bytes + [1]) } }
        defer { loop.spawn { loop.drain() } }

        let client = FileDescriptor(owning: Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0))
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(client.raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let raw = client.raw
        // Connected: the kernel takes an answer from no other address.
        try #require(SocketAddress.ip(host, port: port).withKernelForm { connect(raw, $0, $1) } == 0)
        send(raw, [7], 1, 0)
        var answer: [UInt8] = [0, 0, 0]
        #expect(recv(raw, &answer, 3, 0) == 2)
        #expect(answer == [7, 1, 0])

        let owners = try SocketOwners()
        let own = try #require(SocketAddress(ofSocket: raw))
        #expect(owners.owner(sendingFrom: own)?.account == geteuid())
        #expect(owners.owner(sendingFrom: .ip(.v4(0x7F00_0001), port: 1)) == nil)
    }

    @Test("what resolv.conf says of name servers and domains")
    func configuration() {
        let text =
            "search A.test b.test\nnameserver 10.0.0.1\nnameserver x\nnameserver fd00::1\nnameserver 1.1.1.1\nnameserver 9.9.9.9"
        let read = ResolverConfiguration(reading: text)
        #expect(read.servers == [IPAddress("10.0.0.1"), IPAddress("fd00::1"), IPAddress("1.1.1.1")])
        #expect(read.search == ["a.test", "b.test"])
        #expect(ResolverConfiguration(reading: "").servers == [.v4(0x7F00_0001)])
    }
}
