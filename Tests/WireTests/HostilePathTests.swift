import Calls
import JSON
import Rules
import Testing
import Wire
import WireTesting

/// No spelling of a path slips past a rule that blocks its prefix.
struct HostilePathTests {
    private static let rules = """
        tiergate: 1
        pack: paths
        version: 1
        hosts: ["**.test"]
        rules:
          - {id: paths.pass, tier: 1, match: {host: api.test, path: "/**"}, summary: passes}
          - {id: paths.deny, block: true, reason: never, match: {host: api.test, path: "/deny/**"}, summary: never}
          - {id: paths.admin, block: true, reason: never, match: {host: api.test, path: "/v1/admin/**"}, summary: never}
        """

    private func ruleSet() throws -> RuleSet {
        let source = RuleSource(path: "paths.yaml", bytes: Array(Self.rules.utf8))
        let (set, diagnostics) = RuleSet.load([source], digest: "d", now: Timestamp(milliseconds: 0))
        return try #require(set, "\(diagnostics.map(\.rendered))")
    }

    @Test("every spelling is refused, blocked, or no server takes what is sent for a path under the prefix")
    func spellings() throws {
        let rules = try ruleSet()
        var fates = (refused: 0, blocked: 0, outside: 0)
        for path in HostilePaths.all {
            let message = bytes("GET ") + path.bytes + bytes(" HTTP/1.1\r\nHost: api.test\r\n\r\n")
            let found = WireConversation(message, by: .tunnel)
            guard let reading = found.readings.first else {
                #expect(found.end != .whole)
                fates.refused += 1
                continue
            }
            if rules.judge(reading.call, at: Timestamp(milliseconds: 0)).isBlocked {
                fates.blocked += 1
                continue
            }
            fates.outside += 1
            for server in PathResolver.all {
                let resolved = server.resolve(reading.target)
                let isInside = resolved.hasPrefix("/deny/") || resolved.hasPrefix("/v1/admin/")
                #expect(!isInside, "\(path) is sent as \(reading.target), which is \(resolved) to \(server)")
            }
        }
        #expect(HostilePaths.all.count >= 60)
        #expect(fates.refused >= 60 && fates.blocked >= 30 && fates.outside >= 20, "\(fates)")
    }

    @Test("the plain spellings are blocked, and their neighbours pass")
    func twins() throws {
        let rules = try ruleSet()
        for (target, isBlocked) in [
            ("/deny/secret", true), ("/v1/admin/users", true), ("/allow/secret", false), ("/denys/secret", false),
            ("/v1/administrators", false), ("/x/deny/secret", false),
        ] {
            let found = WireConversation(bytes("GET \(target) HTTP/1.1\r\nHost: api.test\r\n\r\n"), by: .tunnel)
            let call = try #require(found.readings.first?.call)
            #expect(rules.judge(call, at: Timestamp(milliseconds: 0)).isBlocked == isBlocked, "\(target)")
        }
    }
}

extension Verdict {
    fileprivate var isBlocked: Bool { disposition == .refuse }
}

/// How a server comes from a target to a path, as far as servers differ.
private struct PathResolver: CustomStringConvertible {
    var decodings = 1
    var takesBackslashes = false
    var cutsParameters = false
    var cutsAtNUL = false

    static let all: [PathResolver] = (0...2).flatMap { decodings in
        [false, true].flatMap { slashes in
            [false, true].flatMap { parameters in
                [false, true].map {
                    PathResolver(
                        decodings: decodings, takesBackslashes: slashes, cutsParameters: parameters, cutsAtNUL: $0)
                }
            }
        }
    }

    var description: String {
        "one that decodes \(decodings) times, backslashes \(takesBackslashes), parameters \(cutsParameters)"
    }

    func resolve(_ target: String) -> String {
        var path = Array(target.utf8.prefix { $0 != 0x3F })
        if cutsParameters { path = withoutParameters(path) }
        for _ in 0..<decodings { path = decoded(path) }
        if cutsAtNUL { path = Array(path.prefix { $0 != 0 }) }
        if takesBackslashes { path = path.map { $0 == 0x5C ? 0x2F : $0 } }
        var segments: [String] = []
        for part in text(path).split(separator: "/", omittingEmptySubsequences: true) {
            switch part {
            case ".": continue
            case "..": if !segments.isEmpty { segments.removeLast() }
            default: segments.append(String(part))
            }
        }
        return "/" + segments.joined(separator: "/") + (path.last == 0x2F ? "/" : "")
    }

    /// RFC 3986 section 3.3: they end with their segment. Encoded, a `;` is data.
    private func withoutParameters(_ path: [UInt8]) -> [UInt8] {
        Array(
            path.split(separator: 0x2F, omittingEmptySubsequences: false).map { $0.prefix { $0 != 0x3B } }
                .joined(separator: [0x2F]))
    }

    private func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let value = UInt8(text(rest.prefix(2)), radix: 16) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}
