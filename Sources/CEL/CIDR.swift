/// A range of addresses: an address and the length of its prefix.
struct CIDR: Hashable, Sendable {
    let address: IPAddress
    let length: Int

    init(address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    init?(_ text: ByteString) {
        guard let slash = text.slice.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let digits = text.slice[(slash + 1)...]
        guard let address = IPAddress(text.part(0..<slash - text.range.lowerBound)), 1...3 ~= digits.count,
            digits.allSatisfy(\.isDigit), digits.count == 1 || digits.first != 0x30,
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= (address.isVersion4 ? 32 : 128)
        else { return nil }
        self.init(address: address, length: length)
    }

    var masked: CIDR { CIDR(address: address.masked(length), length: length) }

    func contains(_ other: IPAddress) -> Bool {
        other.isVersion4 == address.isVersion4 && other.masked(length) == address.masked(length)
    }

    func contains(_ other: CIDR) -> Bool { other.length >= length && contains(other.address) }

    var description: String { "\(address)/\(length)" }
}
