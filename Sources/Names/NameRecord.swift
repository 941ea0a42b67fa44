/// One record of an answer.
package struct NameRecord: Hashable, Sendable {
    package let name: DomainName
    package let type: RecordType
    /// Seconds.
    package let life: UInt32
    /// As it stands in a message, with names spelled out.
    package let data: [UInt8]

    package init(_ name: DomainName, _ type: RecordType, life: UInt32, data: [UInt8]) {
        self.name = name
        self.type = type
        self.life = life
        self.data = data
    }

    package static func address(_ name: DomainName, v4: UInt32, life: UInt32) -> NameRecord {
        var data: [UInt8] = []
        data.append(long: v4)
        return NameRecord(name, .a, life: life, data: data)
    }

    package static func address(_ name: DomainName, v6: (UInt64, UInt64), life: UInt32) -> NameRecord {
        var data: [UInt8] = []
        for half in [v6.0, v6.1] {
            data.append(long: UInt32(half >> 32))
            data.append(long: UInt32(truncatingIfNeeded: half))
        }
        return NameRecord(name, .aaaa, life: life, data: data)
    }

    package static func pointer(_ name: DomainName, to target: DomainName, life: UInt32) -> NameRecord {
        NameRecord(name, .ptr, life: life, data: target.wire)
    }

    /// Reads a record whose data may hold names that go on elsewhere in the message.
    static func read(_ bytes: [UInt8], at index: inout Int) throws(NameError) -> NameRecord {
        let name = try DomainName.read(bytes, at: &index, isCompressed: true)
        guard index + 10 <= bytes.count else { throw .malformed }
        let type = RecordType(rawValue: bytes.word(at: index))
        let life = UInt32(bytes.word(at: index + 4)) << 16 | UInt32(bytes.word(at: index + 6))
        let length = Int(bytes.word(at: index + 8))
        let start = index + 10
        let end = start + length
        guard end <= bytes.count else { throw .malformed }
        index = end
        // RFC 3597 section 4: only the data of these may be compressed; fixed bytes stand before the names.
        let (fixed, names): (Int, Int) =
            switch type {
            case .ns, .cname, .ptr: (0, 1)
            case .mx: (2, 1)
            case .srv: (6, 1)
            case .soa: (0, 2)
            default: (length, 0)
            }
        guard fixed <= length else { throw .malformed }
        var data = Array(bytes[start..<start + fixed])
        var place = start + fixed
        for _ in 0..<names { data += try DomainName.read(bytes, at: &place, isCompressed: true).wire }
        guard place <= end else { throw .malformed }
        // What follows the names of an SOA; nothing may follow the others.
        guard type == .soa || place == end else { throw .malformed }
        data += bytes[place..<end]
        return NameRecord(name, type, life: life, data: data)
    }

    func write(into bytes: inout [UInt8]) {
        bytes += name.wire
        bytes.append(word: type.rawValue)
        bytes.append(word: 1)
        bytes.append(long: life)
        bytes.append(word: UInt16(truncatingIfNeeded: data.count))
        bytes += data
    }
}
