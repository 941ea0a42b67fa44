import Client
import Crypto
import System
import Testing

@testable import tiergate_bench

@Suite struct LoadWorkerTests {
    @Test("a measurement whose time is over before it has begun, on a loaded machine, is still one of something")
    func late() throws {
        let loop = try EventLoop()
        // Nobody listens there, so that the one exchange fails at once.
        let route = Route(
            approach: .plainReverse, port: 1, originPort: 1, tls: try TLSClientContext(roots: [], system: false))
        let worker = LoadWorker(
            route, Workload(message: .small, connections: 1), on: loop, pool: BufferPool(), names: FreshNames())
        let now = Moment.now()
        try loop.finish { await worker.run(from: now, until: now) }
        #expect(worker.result.failed == 1)
    }
}
