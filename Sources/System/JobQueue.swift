/// Jobs in the order they came: a ring that grows and never shrinks.
struct JobQueue {
    private var ring: [UnownedJob?] = Array(repeating: nil, count: 256)
    private var head = 0
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func push(_ job: UnownedJob) {
        if count == ring.count {
            ring = (0..<count).map { ring[(head + $0) & (ring.count - 1)] } + Array(repeating: nil, count: count)
            head = 0
        }
        ring[(head + count) & (ring.count - 1)] = job
        count += 1
    }

    mutating func pop() -> UnownedJob? {
        guard count > 0 else { return nil }
        let job = ring[head]
        ring[head] = nil
        head = (head + 1) & (ring.count - 1)
        count -= 1
        return job
    }
}
