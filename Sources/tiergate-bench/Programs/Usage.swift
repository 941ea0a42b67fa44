import Glibc

/// Processor time up to a moment, in seconds.
struct Usage {
    /// Of the program that is measured; nil where none is.
    let peer: Double?
    /// Of everybody that does not belong to the measurement.
    let foreign: Double

    init(of program: Program?) {
        peer = program?.processorSeconds
        foreign = Machine.busySeconds - ProcessTree(of: getpid()).processorSeconds
    }

    private init(peer: Double?, foreign: Double) {
        self.peer = peer
        self.foreign = foreign
    }

    static func - (a: Usage, b: Usage) -> Usage {
        Usage(peer: a.peer.flatMap { later in b.peer.map { later - $0 } }, foreign: max(0, a.foreign - b.foreign))
    }
}
