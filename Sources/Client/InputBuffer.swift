package import System

/// Bytes that have arrived and are not yet read: one piece of memory, given back to the loop's pool while a connection
/// waits with nothing in it.
package struct InputBuffer {
    /// What one read asks for; a head or a small body comes in one piece.
    package static let size = 16_384

    private var storage: [UInt8] = []
    private var start = 0
    private var end = 0

    package init() {}

    package var count: Int { end - start }
    package var isEmpty: Bool { start == end }

    /// Hands what has arrived to a reader.
    package func read<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(storage.span.extracting(start..<end))
    }

    package mutating func consume(_ count: Int) {
        start += min(count, end - start)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Hands free room to `body`, which says how many bytes it put there.
    package mutating func fill(_ body: (UnsafeMutableRawBufferPointer) -> Result<Int?, IOError>) throws(IOError) -> Int?
    {
        if storage.isEmpty { storage = [UInt8](repeating: 0, count: InputBuffer.size) }
        if end == storage.count {
            if start > 0 {
                storage.replaceSubrange(0..<(end - start), with: storage[start..<end])
                end -= start
                start = 0
            } else {
                storage.append(contentsOf: repeatElement(0, count: storage.count))
            }
        }
        let from = end
        let count = try storage.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[from...])) }
            .get()
        if let count { end += count }
        return count
    }

    /// Lets the memory go while there is nothing in it.
    package mutating func release(to pool: BufferPool) {
        guard isEmpty, !storage.isEmpty else { return }
        var memory: [UInt8] = []
        swap(&memory, &storage)
        pool.give(memory)
    }

    /// Takes memory for the next read.
    package mutating func acquire(from pool: BufferPool) {
        if storage.isEmpty, let memory = pool.take() { storage = memory }
    }
}

/// Buffers of one loop that nobody uses at the moment.
package final class BufferPool {
    /// Kept at most; the rest goes back to the allocator.
    package static let capacity = 256

    private var free: [[UInt8]] = []
    private var outputs: [[UInt8]] = []

    package init() {}

    /// Room for a message that is being put together, empty. The allocator keeps pieces of over a kilobyte in no list of
    /// the thread, and tidies up all of its others whenever it is asked for one.
    package func takeOutput() -> [UInt8] { outputs.popLast() ?? [] }

    /// Takes it back, with whatever is in it; none that a large message has made large. Out of the hands of who had it:
    /// emptying memory that is still referred to elsewhere would be asking for new one.
    package func give(output: inout [UInt8]) {
        var memory: [UInt8] = []
        swap(&memory, &output)
        guard outputs.count < BufferPool.capacity, 1...(4 * InputBuffer.size) ~= memory.capacity else { return }
        memory.removeAll(keepingCapacity: true)
        outputs.append(memory)
    }

    func take() -> [UInt8]? { free.popLast() }

    func give(_ memory: consuming [UInt8]) {
        guard free.count < BufferPool.capacity, memory.count == InputBuffer.size else { return }
        free.append(memory)
    }
}
