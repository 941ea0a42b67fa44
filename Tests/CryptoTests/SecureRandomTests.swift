import Testing

@testable import Crypto

struct SecureRandomTests {
    @Test("as many bytes as asked for", arguments: [0, 1, 7, 8, 9, 32, 1000])
    func counts(count: Int) { #expect(SecureRandom.bytes(count).count == count) }

    @Test("no two draws are alike")
    func differing() {
        #expect(Set((0..<1000).map { _ in SecureRandom.word() }).count == 1000)
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }
}
