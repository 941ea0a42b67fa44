import Calls
import JSON
import System
import Testing
import Wire

@testable import Proxy

@Suite("Whom an intercepted connection means")
struct InterceptedWayTests {
    enum Known: Sendable {
        case known, unknown, forgotten

        var name: Interception.Name {
            switch self {
            case .known: .known("api.test")
            case .unknown: .unknown
            case .forgotten: .forgotten
            }
        }
    }

    private func way(_ known: Known, _ port: UInt16 = 443, _ address: String = "10.0.0.1") throws -> InterceptedWay {
        InterceptedWay(to: try #require(IPAddress(address)), port: port, meaning: known.name)
    }

    /// The authority and the floor's tier, or the refusal's code.
    private func outcome(_ body: () throws(CallFailure) -> (Authority, VerdictFloor?)) -> String {
        do throws(CallFailure) {
            let (authority, floor) = try body()
            return "\(authority)\(floor.map { " from tier \($0.tier.rawValue)" } ?? "")"
        } catch {
            return Refusal(error).code
        }
    }

    @Test(
        "the name in a client's hello",
        arguments: [
            (.known, "api.test", "api.test:443"), (.known, "API.test.", "api.test:443"), (.known, nil, "api.test:443"),
            (.known, "other.test", "misdirected"), (.known, "10.0.0.1", "misdirected"),
            (.known, "a b", "malformed_host"),
            (.unknown, "api.test", "api.test:443"), (.unknown, nil, "10.0.0.1:443 from tier 3"),
            (.unknown, "10.0.0.1", "10.0.0.1:443 from tier 3"), (.unknown, "10.0.0.2", "misdirected"),
            (.forgotten, "api.test", "api.test:443"), (.forgotten, nil, "unknown_address"),
            (.forgotten, "10.0.0.1", "unknown_address"),
        ] as [(Known, String?, String)])
    func hello(known: Known, name: String?, expected: String) throws {
        let way = try way(known)
        #expect(outcome { () throws(CallFailure) in try way.authority(named: name) } == expected)
    }

    @Test(
        "the Host field of a plain request, with its port",
        arguments: [
            (.known, 80, "api.test", "api.test:80"), (.known, 80, "api.test:80", "api.test:80"),
            (.known, 8080, "api.test:8080", "api.test:8080"), (.known, 8080, "api.test", "misdirected"),
            (.known, 80, "other.test", "misdirected"), (.known, 80, nil, "api.test:80"),
            (.unknown, 8080, "api.test:8080", "api.test:8080"), (.unknown, 8080, "api.test", "misdirected"),
            (.unknown, 8080, "10.0.0.1:8080", "10.0.0.1:8080 from tier 3"),
            (.unknown, 8080, nil, "10.0.0.1:8080 from tier 3"),
            (.unknown, 8080, "0x7f.1:8080", "malformed_host"), (.forgotten, 80, nil, "unknown_address"),
            (.forgotten, 80, "api.test", "api.test:80"),
        ] as [(Known, UInt16, String?, String)])
    func host(known: Known, port: UInt16, field: String?, expected: String) throws {
        let text = "GET / HTTP/1.\(field == nil ? 0 : 1)\r\n" + (field.map { "Host: \($0)\r\n" } ?? "") + "\r\n"
        let head = try #require(try RequestHead.parse(Array(text.utf8).span)?.0)
        let way = try way(known, port)
        #expect(outcome { () throws(CallFailure) in try way.authority(of: head) } == expected)
    }

    @Test(
        "a client that means a name before its resolver's domain was appended says which",
        arguments: [
            ("api.test", "api.test:443"), ("api.test.svc.local", "api.test.svc.local:443"),
            ("api", "misdirected"), ("other.test", "misdirected"), (nil, "api.test.svc.local:443"),
        ] as [(String?, String)])
    func search(name: String?, expected: String) throws {
        let way = InterceptedWay(
            to: .v4(1), port: 443, meaning: .known("api.test.svc.local"), search: ["default.svc.local", "svc.local"])
        #expect(outcome { () throws(CallFailure) in try way.authority(named: name) } == expected)
    }

    @Test("an IPv6 address is a host in brackets")
    func literal() throws {
        let way = try way(.unknown, 443, "fd99::1")
        #expect(outcome { () throws(CallFailure) in try way.authority(named: nil) } == "[fd99::1]:443 from tier 3")
    }

    @Test("a floor raises what is below it, and nothing else")
    func floor() {
        let floor = VerdictFloor.address("10.0.0.1")
        let low = Verdict(tier: .readOnly, disposition: .pass, reason: "rule", rulesDigest: "d").raised(to: floor)
        #expect(low.tier == .external && low.disposition == .hold && low.reason.contains("by its address"))
        let high = Verdict(tier: .irreversible, disposition: .refuse, reason: "rule", rulesDigest: "d")
        #expect(high.raised(to: floor) === high)
        let refused = Verdict(tier: .readOnly, disposition: .refuse, reason: "rule", rulesDigest: "d")
        #expect(refused.raised(to: floor).disposition == .refuse)
    }
}
