/// Room for the nodes of a document that is being read: the memory of an array that is not there yet, so that no append
/// asks whether the array is shared.
///
/// A place is checked against what was written, and an append against the room: no mistake of the parser reaches other
/// memory. The memory is the array's, which outlives the closure that a tape is given to.
@safe
struct NodeTape: ~Copyable {
    typealias Node = JSONDocument.Node

    private let memory: UnsafeMutablePointer<Node>
    private let capacity: Int
    private(set) var count: Int

    /// An array that begins with `known` and goes on with what `write` appends.
    static func array<E: Error>(
        of capacity: Int, startingWith known: [Node], _ write: (inout NodeTape) throws(E) -> Void
    ) throws(E) -> [Node] {
        unsafe try Array(unsafeUninitializedCapacity: max(capacity, known.count)) { (buffer, count) throws(E) in
            guard let start = buffer.baseAddress else { return }
            _ = unsafe buffer.initialize(from: known)
            var tape = unsafe NodeTape(memory: start, capacity: buffer.count, count: known.count)
            try write(&tape)
            count = tape.count
        }
    }

    private init(memory: UnsafeMutablePointer<Node>, capacity: Int, count: Int) {
        unsafe self.memory = memory
        self.capacity = capacity
        self.count = count
    }

    var room: Int { capacity &- count }

    @inline(__always)
    mutating func append(_ node: Node) {
        precondition(count < capacity)
        unsafe (memory + count).initialize(to: node)
        count &+= 1
    }

    subscript(index: Int) -> Node {
        @inline(__always) get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe memory[index]
        }
        @inline(__always) _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield unsafe &memory[index]
        }
    }
}
