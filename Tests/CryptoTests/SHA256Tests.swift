import Calls
import Testing

@testable import Crypto

struct SHA256Tests {
    @Test(
        "the digests of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA256.digest(Array(text.utf8)).description == digest)
    }

    @Test("parts give the digest of the whole, and a copy goes its own way")
    func incremental() {
        var hash = SHA256()
        hash.update(Array("ab".utf8))
        var other = hash
        hash.update([0x78, 0x63, 0x78][1..<2])
        other.update(Array("d".utf8))
        #expect(hash.finalize() == SHA256.digest(Array("abc".utf8)))
        #expect(hash.finalize() == hash.finalize())
        #expect(other.finalize() == SHA256.digest(Array("abd".utf8)))
    }
}
