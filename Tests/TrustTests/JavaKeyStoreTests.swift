import Crypto
import Testing

@testable import Trust

@Suite struct JavaKeyStoreTests {
    private func certificates(_ count: Int) throws -> [RootCertificate] {
        try (0..<count).map { number in
            let pem = try CertificateAuthority(creatingFor: "host\(number)").certificatePEM()
            return try #require(RootCertificate.all(inPEM: Array(pem.utf8)).first)
        }
    }

    private func store(_ certificates: [RootCertificate]) -> [UInt8] {
        JavaKeyStore.bytes(
            certificates.enumerated().map { ("root\($0.offset)", $0.element) }, created: 1_700_000_000_000)
    }

    @Test("a store holds what was put into it, in its order", arguments: [0, 1, 3])
    func roundTrip(count: Int) throws {
        let certificates = try certificates(count)
        #expect(JavaKeyStore.certificates(in: store(certificates)) == certificates)
    }

    @Test("a store of which one byte was altered anywhere is none")
    func altered() throws {
        let store = store(try certificates(1))
        for index in store.indices {
            var other = store
            other[index] ^= 1
            #expect(JavaKeyStore.certificates(in: other) == nil, "byte \(index)")
        }
    }

    @Test("a store that was cut, or is in another format, is none")
    func cut() throws {
        let store = store(try certificates(1))
        for count in 0..<store.count { #expect(JavaKeyStore.certificates(in: Array(store.prefix(count))) == nil) }
        #expect(JavaKeyStore.certificates(in: [0x30, 0x82] + store) == nil)
    }
}
