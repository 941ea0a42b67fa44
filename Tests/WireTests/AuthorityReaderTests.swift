import Calls
import Testing
import Wire

struct AuthorityReaderTests {
    private func read(_ text: String, _ port: UInt16? = 443) -> String {
        do {
            let authority = try Authority.read(text.utf8, defaultPort: port)
            return authority.description + (authority.isLiteral ? " literal" : "")
        } catch { return error.code }
    }

    @Test(
        "every spelling of a host has one canonical form",
        arguments: [
            ("api.test", "api.test:443"), ("API.Test", "api.test:443"), ("api.test.", "api.test:443"),
            ("api.test:8443", "api.test:8443"), ("api.test:443", "api.test:443"), ("API.test.:1", "api.test:1"),
            ("xn--4ca.test", "xn--4ca.test:443"), ("a_b.test", "a_b.test:443"), ("localhost", "localhost:443"),
            ("1.2.3.4", "1.2.3.4:443 literal"), ("255.255.255.255:65535", "255.255.255.255:65535 literal"),
            ("1.2.3.4.", "1.2.3.4:443 literal"), ("1password.com", "1password.com:443"), ("3.com", "3.com:443"),
            ("[::1]", "[::1]:443 literal"), ("[2001:DB8:0:0:0:0:0:1]:80", "[2001:db8::1]:80 literal"),
            ("[2001:0db8::0001]", "[2001:db8::1]:443 literal"), ("[::]", "[::]:443 literal"),
            ("[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]:443 literal"), ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]:443 literal"),
            ("[1::]", "[1::]:443 literal"), ("[64:ff9b::1.2.3.4]", "[64:ff9b::102:304]:443 literal"),
            ("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]:443 literal"),
        ])
    func canonical(_ text: String, _ expected: String) { #expect(read(text) == expected) }

    @Test(
        "what other readers take for another host is refused",
        arguments: [
            "", ".", "..", ".test", "a..test", "api.test..", "a b.test", "a\tb", "a\0.test", "ä.test", "ａ.test",
            "a%2etest",
            "user@api.test", "user:pw@api.test", "a,b", "a/b", "a\\b", "a?b", "a#b", "a:b:c", "*.test", "a;b", "a'b",
            "api.test:", "api.test:0", "api.test:00443", "api.test:0443", "api.test:+443", "api.test:65536",
            "api.test:99999", "api.test:443 ", "api.test:http", "api.test:４４３", "api.test:1000000000000000000000",
            // Addresses in other clothes.
            "0x7f.1", "0x7f000001", "0X7F000001", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "0251.0376.0251.0376",
            "127.0.0.01", "127.0.0.256", "1.2.3.4.5", "1.2.3.", "a.0x1", "a.1", "1.2.3.0x4", "①.2.3.4", "0x",
            "::1", "[::1", "::1]", "[]", "[:]", "[:::]", "[::1%eth0]", "[::1%25eth0]", "[1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[:1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:]", "[12345::]", "[::g]", "[::1]x",
            "[::1]:", "[::1]:00", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::2]", "[1.2.3.4::]",
            "[::1.2.3]", "[::1.2.3.04]", "[1:2:3:4:5:6:7::8:9]", "[v1.a]", "[1:2:3:4:5:6:7:8::]",
            String(repeating: "a", count: 64) + ".test", String(repeating: "a.", count: 128),
        ])
    func refused(_ text: String) { #expect(read(text) == "malformed_host") }

    @Test("labels and names may be as long as DNS lets them be")
    func lengths() {
        let label = String(repeating: "a", count: 63)
        #expect(read(label + ".test") == "\(label).test:443")
        let longest = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(read(longest) == "\(longest):443")
        #expect(read(longest + "b") == "malformed_host")
    }

    @Test("CONNECT must name its port")
    func connect() {
        #expect(read("api.test:443", nil) == "api.test:443")
        #expect(read("api.test", nil) == "malformed_host")
        #expect(read("[::1]", nil) == "malformed_host")
    }

    @Test("reading what was written says the same", arguments: 0..<4)
    func roundTrip(_ seed: UInt64) throws {
        var dice = Dice(seed)
        for _ in 0..<500 {
            let groups = (0..<8).map { _ in
                Bool.random(using: &dice) ? 0 : UInt16.random(in: 0...UInt16.max, using: &dice)
            }
            let text = "[" + groups.map { String($0, radix: 16) }.joined(separator: ":") + "]:1"
            guard let once = try? Authority.read(text.utf8) else { continue }
            #expect(try Authority.read(once.description.utf8) == once)
        }
        let alphabet = bytes("01239aAfxX.:[]%-_~@/ \0é")
        for _ in 0..<5_000 {
            let noise = (0..<Int.random(in: 0...24, using: &dice)).map { _ in alphabet.randomElement(using: &dice) ?? 0
            }
            guard let once = try? Authority.read(noise, defaultPort: 443) else { continue }
            #expect(try Authority.read(once.description.utf8) == once)
        }
    }
}
