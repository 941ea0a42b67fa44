/// The sets of bytes that the grammars of HTTP and URIs speak of, as bit masks: no table to load, no branch per byte.
struct ByteClass {
    private let low: UInt64
    private let high: UInt64

    /// Bit n of `low` is byte n, bit n of `high` byte 64 + n; bytes from 128 on are never members.
    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 0x80 && (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 == 1
    }

    /// `tchar` (RFC 9110 section 5.6.2): letters, digits, ``!#$%&'*+-.^_`|~``.
    static var token: ByteClass {
        @inline(__always) get { ByteClass(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }
    }

    /// `unreserved` (RFC 3986 section 2.3): letters, digits, `-._~`.
    static var unreserved: ByteClass {
        @inline(__always) get { ByteClass(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
    }

    /// `pchar` (RFC 3986 section 3.3) without `%`, which is read on its own, and `;`, which some upstreams split at.
    static var segment: ByteClass {
        @inline(__always) get { ByteClass(low: 0x27FF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }
    }

    /// `query` (RFC 3986 section 3.4) without `%` and `;`, with `[]|`, which everybody sends bare.
    static var query: ByteClass {
        @inline(__always) get { ByteClass(low: 0xA7FF_FFD2_0000_0000, high: 0x57FF_FFFE_AFFF_FFFF) }
    }

    /// What a host name is made of: letters, digits, `-._`.
    static var hostName: ByteClass {
        @inline(__always) get { ByteClass(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE) }
    }

    /// What may stand in a field value (RFC 9110 section 5.5): visible ASCII, space, tab and bytes from 128 on.
    @inline(__always)
    static func isFieldText(_ byte: UInt8) -> Bool { byte &- 0x20 < 0x5F || byte >= 0x80 || byte == 0x09 }

    @inline(__always)
    static func isVisible(_ byte: UInt8) -> Bool { byte &- 0x21 < 0x5E }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The value of a hexadecimal digit, nil for anything else.
    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }
}
