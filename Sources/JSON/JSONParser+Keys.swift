/// Finds a key that an object has twice, escapes resolved.
///
/// A small object's keys are compared as they come, but only where the bits that their lengths and first letters come to
/// say that one may be there already; a large one's are put into a table when it closes.
extension JSONParser {
    /// Members up to which keys are compared as they come: comparing each with each takes as long as hashing them does.
    static let fewKeys: UInt32 = 32

    /// The bits of an object's keys with that of the newest.
    @inline(__always)
    func keys(
        _ known: UInt32, adding key: Int, in object: Int, _ input: Span<UInt8>, _ tape: borrowing NodeTape
    ) throws(JSONError) -> UInt32 {
        let bit = bit(of: tape[key], input)
        if known & bit != 0 { try refuse(key, in: object, input, tape) }
        return known | bit
    }

    /// One of 32 bits, by the key's length and its first and last eight bytes.
    @inline(__always)
    private func bit(of key: JSONDocument.Node, _ input: Span<UInt8>) -> UInt32 {
        let start = Int(key.contentStart)
        let length = Int(key.contentEnd &- key.contentStart)
        var word: UInt64
        if !key.isDecoded, let first = input.word(at: start) {
            word = first
            if length < 8 { word &= (1 &<< UInt64(truncatingIfNeeded: length &* 8)) &- 1 }
            if length > 8 { word ^= (input.word(at: start &+ length &- 8) ?? 0) &* 3 }
        } else {
            word = self.word(of: key, 0..<min(8, length), input)
            if length > 8 { word ^= self.word(of: key, length &- 8..<length, input) &* 3 }
        }
        let mixed = (word ^ UInt64(truncatingIfNeeded: length)) &* 0x9E37_79B9_7F4A_7C15
        return 1 &<< UInt32(truncatingIfNeeded: mixed &>> 59)
    }

    /// Compares the newest key of an object that is open with those before it.
    @inline(never)
    private func refuse(_ key: Int, in object: Int, _ input: Span<UInt8>, _ tape: borrowing NodeTape) throws(JSONError)
    {
        let newest = tape[key]
        var other = object + 1
        while other < key {
            if isSame(newest, tape[other], input) { throw JSONError(.duplicateKey, at: Int(newest.start)) }
            other = Int(tape[other + 1].next)
        }
    }

    /// An open-addressing table at most half full. `Hasher` is seeded at random in each process, so nobody outside can
    /// choose keys that collide; equal hashes are settled by comparing.
    @inline(never)
    func refuseTwice(
        in object: Int, of members: Int, _ input: Span<UInt8>, _ tape: borrowing NodeTape
    ) throws(JSONError) {
        var size = 64
        while size < members * 2 { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        var key = object + 1
        while key < tape.count {
            let node = tape[key]
            var slot = hash(node, input) & (size - 1)
            // Zero is free: node 0 is the root, which is never a key.
            while table[slot] != 0 {
                if isSame(node, tape[Int(table[slot])], input) { throw JSONError(.duplicateKey, at: Int(node.start)) }
                slot = (slot + 1) & (size - 1)
            }
            table[slot] = UInt32(key)
            key = Int(tape[key + 1].next)
        }
    }

    private func hash(_ key: JSONDocument.Node, _ input: Span<UInt8>) -> Int {
        let content = Int(key.contentStart)..<Int(key.contentEnd)
        let bytes = key.isDecoded ? decoded.span.extracting(content) : input.extracting(content)
        var hasher = Hasher()
        // The pointer does not leave the closure, which reads what it points to.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private func isSame(_ a: JSONDocument.Node, _ b: JSONDocument.Node, _ input: Span<UInt8>) -> Bool {
        let length = Int(a.contentEnd &- a.contentStart)
        guard length == Int(b.contentEnd &- b.contentStart) else { return false }
        var end = length
        if !a.isDecoded, !b.isDecoded {
            // From the end: names of one object begin alike more often than they end alike.
            while end >= 8 {
                end &-= 8
                let (left, right) = (Int(a.contentStart) &+ end, Int(b.contentStart) &+ end)
                guard input.word(at: left) == input.word(at: right) else { return false }
            }
        }
        for offset in 0..<end where byte(offset, of: a, input) != byte(offset, of: b, input) { return false }
        return true
    }

    /// As many bytes as one number, the first of them lowest.
    private func word(of key: JSONDocument.Node, _ offsets: Range<Int>, _ input: Span<UInt8>) -> UInt64 {
        offsets.reversed().reduce(0) { $0 << 8 | UInt64(byte($1, of: key, input)) }
    }

    private func byte(_ offset: Int, of key: JSONDocument.Node, _ input: Span<UInt8>) -> UInt8 {
        let index = Int(key.contentStart) &+ offset
        return key.isDecoded ? decoded[index] : input[index]
    }
}

extension Span<UInt8> {
    /// Eight bytes as one number, the first of them lowest; nil where there are not so many.
    @inline(__always)
    func word(at offset: Int) -> UInt64? {
        guard offset >= 0, offset &+ 8 <= count else { return nil }
        // Within the bounds, as just compared; every pattern of bits is a UInt64.
        return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }
}
