import Glibc

/// Messages for the kernel's netlink families, one after the other (netlink(7)).
struct NetlinkBytes {
    private(set) var bytes: [UInt8] = []
    private var sequence: UInt32 = 0

    /// - Parameters:
    ///   - flags: beside `NLM_F_REQUEST`.
    ///   - content: the family's header and the attributes.
    mutating func message(type: UInt16, flags: UInt16, _ content: (inout NetlinkBytes) -> Void) {
        var inner = NetlinkBytes()
        content(&inner)
        sequence += 1
        append(UInt32(16 + inner.bytes.count))
        append(type)
        append(flags | 1)
        append(sequence)
        append(UInt32(0))
        bytes += inner.bytes
        pad()
    }

    /// An integer in the machine's own order.
    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes += $0 }
    }

    mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        append(UInt16(4 + value.count))
        append(type)
        bytes += value
        pad()
    }

    /// nf_tables takes its numbers in the network's order.
    mutating func attribute(_ type: UInt16, network value: UInt32) {
        attribute(type, withUnsafeBytes(of: value.bigEndian) { Array($0) })
    }

    mutating func attribute(_ type: UInt16, text: String) { attribute(type, Array(text.utf8) + [0]) }

    mutating func nested(_ type: UInt16, _ content: (inout NetlinkBytes) -> Void) {
        var inner = NetlinkBytes()
        content(&inner)
        // NLA_F_NESTED
        attribute(type | 0x8000, inner.bytes)
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }
}
