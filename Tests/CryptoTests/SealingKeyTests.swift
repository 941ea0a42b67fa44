import Testing

@testable import Crypto

struct SealingKeyTests {
    let key: SealingKey
    let hold = Array("h_1".utf8)

    init() throws { key = try SealingKey(SecureRandom.bytes(32)) }

    @Test("what was sealed opens again", arguments: [0, 1, 15, 16, 17, 100_000])
    func roundTrip(size: Int) throws {
        let content = SecureRandom.bytes(size)
        let sealed = try key.seal(content, associated: hold)
        #expect(sealed.count == size + SealingKey.overhead)
        #expect(try key.open(sealed, associated: hold) == content)
    }

    @Test("any altered byte is refused")
    func altered() throws {
        let sealed = try key.seal([1, 2, 3, 4], associated: hold)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: CryptoFailure.cannotOpen) { try key.open(altered, associated: hold) }
        }
    }

    @Test("what is cut short is refused")
    func short() throws {
        let sealed = try key.seal([1, 2, 3, 4], associated: hold)
        for count in 0..<sealed.count {
            #expect(throws: CryptoFailure.cannotOpen) { try key.open(Array(sealed.prefix(count)), associated: hold) }
        }
    }

    @Test("what belongs to another hold, or was sealed under another key, is refused")
    func foreign() throws {
        let sealed = try key.seal([1, 2, 3, 4], associated: hold)
        #expect(throws: CryptoFailure.cannotOpen) { try key.open(sealed, associated: Array("h_2".utf8)) }
        #expect(throws: CryptoFailure.cannotOpen) { try key.open(sealed, associated: []) }
        let other = try SealingKey(SecureRandom.bytes(32))
        #expect(throws: CryptoFailure.cannotOpen) { try other.open(sealed, associated: hold) }
    }

    @Test("the same content is sealed differently each time")
    func fresh() throws { #expect(try key.seal([1], associated: hold) != key.seal([1], associated: hold)) }

    @Test("a key has 32 bytes", arguments: [0, 16, 31, 33])
    func length(count: Int) {
        #expect(throws: CryptoFailure.wrongKeyLength(count)) { try SealingKey([UInt8](repeating: 7, count: count)) }
    }

    @Test("printing a key shows none of it")
    func silent() throws {
        let key = try SealingKey([UInt8](repeating: 201, count: 32))
        var dumped = ""
        dump([key], to: &dumped)
        #expect(!dumped.contains("201"))
        #expect("\(key)" == "a sealing key")
    }
}
