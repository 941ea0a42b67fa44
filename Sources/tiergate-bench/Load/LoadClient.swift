import Client
import System

/// All connections of one load. Confined to one loop.
struct LoadClient: Sendable {
    private let workers: [LoadWorker]

    init(_ route: Route, _ workload: Workload, on loop: EventLoop, names: FreshNames = FreshNames()) {
        let pool = BufferPool()
        workers = (0..<workload.connections).map { _ in
            LoadWorker(route, workload, on: loop, pool: pool, names: names)
        }
    }

    func warmUp() async {
        await withTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.warmUp() } }
        }
    }

    func run(seconds: Double) async -> LoadResult {
        let start = Moment.now()
        let end = start + seconds
        await withTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.run(from: start, until: end) } }
        }
        var result = LoadResult()
        for worker in workers { result.add(worker.result) }
        return result
    }
}
