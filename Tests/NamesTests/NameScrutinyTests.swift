import JSON
import Testing

@testable import Names

@Suite("Names that carry data out")
struct NameScrutinyTests {
    @Test(
        "what programs ask for passes",
        arguments: [
            "api.stripe.com", "my-company-production-logs-archive.s3.eu-central-1.amazonaws.com",
            "internal-k8s-default-myservice-0a1b2c3d4e-1234567890.us-east-1.elb.amazonaws.com",
            "ec2-203-0-113-25.compute-1.amazonaws.com", "_acme-challenge.www.example.org",
            "d111111abcdef8.cloudfront.net",
            "abcd1234-ef56-7890-abcd-ef1234567890.example.com", "thisisaveryveryverylongnameofahost.example.com",
            "localhost", "www.llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.co.uk",
        ] as [Text])
    func ordinary(name: Text) throws {
        var scrutiny = NameScrutiny()
        #expect(scrutiny.objection(to: try #require(DomainName(name))) == nil)
    }

    @Test(
        "letters that look random do not",
        arguments: [
            "mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.evil.test", "4f3c2b1a9e8d7c6b5a4f3e2d1c0b9a8f.evil.test",
            "a.dGhpcyBpcyBhIHNlY3JldCBtZXNzYWdl.evil.test",
        ] as [Text])
    func random(name: Text) throws {
        var scrutiny = NameScrutiny()
        guard case .randomLabel? = scrutiny.objection(to: try #require(DomainName(name))) else { throw Unexpected() }
    }

    @Test("only so many names below one registered name, and others are not concerned")
    func many() throws {
        var scrutiny = NameScrutiny()
        for number in 0..<NameScrutiny.mostNames {
            #expect(scrutiny.objection(to: try #require(DomainName(Text("w\(number).evil.test")))) == nil)
        }
        #expect(scrutiny.objection(to: try #require(DomainName("one.evil.test"))) == .manyNames(below: "evil.test"))
        #expect(scrutiny.objection(to: try #require(DomainName("one.good.test"))) == nil)
    }

    @Test("only so much text below one registered name")
    func much() throws {
        var scrutiny = NameScrutiny()
        let words = Array(repeating: "one-two-three-four-five-six", count: 8).joined(separator: ".")
        var objection: NameScrutiny.Objection?
        for number in 0..<NameScrutiny.mostNames where objection == nil {
            objection = scrutiny.objection(to: try #require(DomainName(Text("\(number).\(words).evil.co.uk"))))
        }
        #expect(objection == .muchText(below: "evil.co.uk"))
    }

    @Test("only so many registered names")
    func registered() throws {
        var scrutiny = NameScrutiny()
        for number in 0..<NameScrutiny.mostRegistered {
            #expect(scrutiny.objection(to: try #require(DomainName(Text("n\(number).test")))) == nil)
        }
        #expect(scrutiny.objection(to: try #require(DomainName("another.test"))) == .manyRegistered)
        #expect(scrutiny.objection(to: try #require(DomainName("a.n0.test"))) == nil)
    }
}

private struct Unexpected: Error {}
