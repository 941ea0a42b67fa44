/// What a plan points to, until the helper has its copy of it.
final class PlanMemory {
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit { for piece in pieces { piece.deallocate() } }

    private func room<T>(for count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
        let size = max(1, count * MemoryLayout<T>.stride)
        let piece = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<T>.alignment)
        pieces.append(piece)
        return piece.bindMemory(to: T.self, capacity: count)
    }

    func keep(_ bytes: [UInt8]) -> UnsafeRawPointer {
        let copy = room(for: bytes.count, of: UInt8.self)
        copy.initialize(from: bytes, count: bytes.count)
        return UnsafeRawPointer(copy)
    }

    func keep(text bytes: [UInt8]) -> UnsafePointer<CChar> {
        keep(bytes + [0]).assumingMemoryBound(to: CChar.self)
    }

    func keep(_ text: String) -> UnsafePointer<CChar> { keep(text: Array(text.utf8)) }

    func keep<T: BitwiseCopyable>(_ values: [T]) -> UnsafePointer<T> {
        let copy = room(for: values.count, of: T.self)
        copy.initialize(from: values, count: values.count)
        return UnsafePointer(copy)
    }

    /// With a null at the end, as exec wants it.
    func keep(words: [UnsafePointer<CChar>?]) -> UnsafeMutablePointer<UnsafePointer<CChar>?> {
        let copy = room(for: words.count + 1, of: UnsafePointer<CChar>?.self)
        copy.initialize(from: words + [nil], count: words.count + 1)
        return copy
    }
}
