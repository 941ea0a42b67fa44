/// Addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let base: IPAddress
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress(String($0)) }), parts.count <= 2 else { return nil }
        let width =
            switch base {
            case .v4: 32
            case .v6: 128
            }
        guard let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits) else { return nil }
        self.base = base
        self.bits = bits
    }

    package func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let a), .v4(let b)):
            bits == 0 || (a ^ b) >> UInt32(32 - bits) == 0
        case (.v6(let a, let c), .v6(let b, let d)):
            bits <= 64
                ? bits == 0 || (a ^ b) >> UInt64(64 - bits) == 0
                : a == b && (c ^ d) >> UInt64(128 - bits) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    package var description: String { "\(base)/\(bits)" }
}
