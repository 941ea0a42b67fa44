import Calls
import Client
import Crypto
import Glibc
import JSON
import Synchronization
import System
import Wire

/// The agent of the demonstration: a process of its own that knows of no gate, but where it must of a proxy.
struct SampleAgent {
    /// Nil in a jail, where every way leads to the gate.
    let proxy: SocketAddress?
    /// PEM file of whom it trusts.
    let trust: String

    private struct Step {
        let say: String
        let method: String
        let path: String
        let form: String?
    }

    private static let plan = [
        Step(say: "Who are our customers?", method: "GET", path: "/v1/customers", form: nil),
        Step(say: "A new plan to sell.", method: "POST", path: "/v1/products", form: "name=Gold+Plan"),
        Step(
            say: "Paying 2,500 dollars out to the bank.", method: "POST", path: "/v1/payouts",
            form: "amount=250000&currency=usd"),
    ]

    /// Makes its calls one after the other and prints what comes back.
    func run(print: @escaping @Sendable (String) -> Void) throws {
        let loop = try EventLoop()
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        loop.spawn {
            let result: Result<Void, any Error>
            do { result = .success(try await carryOut(on: loop, print)) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        loop.run { outcome.withLock { $0 != nil } }
        try outcome.withLock { $0 }?.get()
    }

    private func carryOut(on loop: EventLoop, _ print: (String) -> Void) async throws {
        for step in SampleAgent.plan {
            print("  agent   \(step.say)")
            print("          \(step.method) https://\(SampleAPI.host)\(step.path)\(step.form.map { "  \($0)" } ?? "")")
            let (status, phrase, body) = try await call(step, on: loop)
            print("          -> \(status) \(phrase)  \(SampleAgent.short(body))")
        }
    }

    private static func short(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(100), as: UTF8.self)
        return body.count > 100 ? text + "…" : text
    }

    private func call(_ step: Step, on loop: EventLoop) async throws -> (Int, String, [UInt8]) {
        let authority = Authority(host: Text(SampleAPI.host), port: 443)
        let address = try proxy ?? SampleAgent.address(of: SampleAPI.host)
        let socket = try await Socket.connect(to: address, on: loop, by: loop.now + 5_000)
        let stream = Stream(socket, pool: BufferPool())
        if proxy != nil {
            try await stream.write(
                Array("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\r\n".utf8), by: .max)
            _ = try await readHead(stream, to: "CONNECT")
        }
        let context = try TLSClientContext(roots: [trust], system: false)
        try await stream.start(
            context.connect(socket.fd, readiness: socket.readiness, to: authority), by: loop.now + 5_000)
        var request = "\(step.method) \(step.path) HTTP/1.1\r\nHost: \(SampleAPI.host)\r\n"
        request += "Authorization: Bearer sk_live_sample\r\nUser-Agent: curl/8 (sample agent)\r\n"
        if let form = step.form {
            request += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n"
        }
        request += "\r\n\(step.form ?? "")"
        try await stream.write(Array(request.utf8), by: loop.now + 5_000)
        let head = try await readHead(stream, to: Text(step.method))
        var body = BodyDecoder(head.framing)
        var content: [UInt8] = []
        while !body.isComplete {
            if stream.input.isEmpty, try await stream.fill(by: loop.now + 300_000) == 0 { break }
            let used = try stream.input.read { span throws(WireError) in try body.decode(span, into: &content) }
            stream.input.consume(used)
        }
        return (head.status, String(decoding: head.reason, as: UTF8.self), content)
    }

    /// As any program asks for it.
    private static func address(of host: String) throws(IOError) -> SocketAddress {
        var found: UnsafeMutablePointer<addrinfo>?
        var wanted = addrinfo()
        wanted.ai_family = AF_INET
        guard getaddrinfo(host, nil, &wanted, &found) == 0, let entry = found else {
            throw .system("find the address of \(host)", ENOENT)
        }
        defer { freeaddrinfo(found) }
        var storage = sockaddr_storage()
        memcpy(&storage, entry.pointee.ai_addr, Int(entry.pointee.ai_addrlen))
        guard case .ip(let address, _) = SocketAddress(storage) else { throw .system("read an address", EAFNOSUPPORT) }
        return .ip(address, port: 443)
    }

    private func readHead(_ stream: Stream, to method: Text) async throws -> ResponseHead {
        while true {
            let parsed = try stream.input.read { span throws(WireError) in try ResponseHead.parse(span, to: method) }
            if let (head, consumed) = parsed {
                stream.input.consume(consumed)
                return head
            }
            guard try await stream.fill(by: stream.loop.now + 300_000) > 0 else { throw IOError.truncated }
        }
    }
}
