import Calls
import JSON
import Testing

@testable import Rules

@Suite("HostPattern: which hosts")
struct HostPatternTests {
    private func matches(_ pattern: Text, _ host: Text, isLiteral: Bool = false) throws -> Bool {
        try HostPattern.parse(pattern).get()
            .matches(HostPattern.labels(of: Authority(host: host, port: 443, isLiteral: isLiteral)))
    }

    @Test(
        "labels are compared whole, from the right",
        arguments: [
            ("api.stripe.com", "api.stripe.com", true), ("API.Stripe.com", "api.stripe.com", true),
            ("api.stripe.com", "xapi.stripe.com", false), ("stripe.com", "api.stripe.com", false),
            ("api.stripe.com", "stripe.com", false), ("*.stripe.com", "api.stripe.com", true),
            ("*.stripe.com", "stripe.com", false), ("*.stripe.com", "a.b.stripe.com", false),
            ("*.stripe.com", "evilstripe.com", false), ("**.stripe.com", "stripe.com", true),
            ("**.stripe.com", "a.b.stripe.com", true), ("**.stripe.com", "notstripe.com", false),
            ("ec2.*.amazonaws.com", "ec2.eu-west-1.amazonaws.com", true),
            ("ec2.*.amazonaws.com", "ec2.amazonaws.com", false), ("**.s3.*.x.com", "a.b.s3.r.x.com", true),
            ("*", "anything.at.all", true), ("localhost", "localhost", true),
        ] as [(Text, Text, Bool)])
    func names(pattern: Text, host: Text, expected: Bool) throws {
        #expect(try matches(pattern, host) == expected)
    }

    @Test(
        "an address is one label",
        arguments: [
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("**.0.1", "10.0.0.1", false),
            ("fd00:ec2::254", "fd00:ec2::254", true), ("*", "10.0.0.1", true), ("*.0.0.1", "10.0.0.1", false),
        ] as [(Text, Text, Bool)])
    func addresses(pattern: Text, host: Text, expected: Bool) throws {
        #expect(try matches(pattern, host, isLiteral: true) == expected)
    }

    @Test(
        "what is no pattern is refused",
        arguments: [
            "", ".", "a..b", ".a", "a.", "a*.b", "**", "a.**.b", "https", "a/b", "a b", "ä.de", "*.", "a?b",
        ] as [Text])
    func refused(pattern: Text) {
        // A single word is a name; everything else here is not.
        let isName = pattern == "https"
        #expect(((try? HostPattern.parse(pattern).get()) != nil) == isName)
    }
}

@Suite("PathTemplate: which paths")
struct PathTemplateTests {
    @Test(
        "what is no template is refused, with a reason",
        arguments: [
            "", "v1", "/a//b", "/a?b", "/a#b", "/a%20b", "/{", "/{}", "/{a b}", "/{1}", "/{a}/{a}", "/a*", "/**/a",
            "/..",
            "/a/./b", "/x{id}", Text("/" + String(repeating: "a/", count: 33)),
        ] as [Text])
    func refused(template: Text) {
        #expect(throws: Malformed.self) { try PathTemplate.parse(template).get() }
    }

    @Test("names are bound to their segments")
    func parameters() throws {
        let template = try PathTemplate.parse("/repos/{owner}/{repo}/keys/**").get()
        #expect(template.parameters == ["owner": 1, "repo": 2])
        #expect(template.isOpen && template.segments.count == 4)
        #expect(try PathTemplate.parse("/").get().segments.isEmpty)
        #expect(try PathTemplate.parse("/a/").get() == PathTemplate.parse("/a/").get())
    }
}

@Suite("ActionGlob: which actions")
struct ActionGlobTests {
    @Test(
        "stars stand at the ends",
        arguments: [
            ("RunInstances", "RunInstances", true), ("RunInstances", "runinstances", true),
            ("Run", "RunInstances", false),
            ("Describe*", "DescribeTags", true), ("Describe*", "describe", true), ("Describe*", "xDescribe", false),
            ("*Policy", "PutUserPolicy", true), ("*Policy", "PolicyPut", false), ("*User*", "PutUserPolicy", true),
            ("*User*", "PutRole", false), ("*", "Anything", true), ("*aaaaaaaaaaaa*", "a", false),
        ] as [(Text, Text, Bool)])
    func globs(glob: Text, action: Text, expected: Bool) throws {
        #expect(try NameGlob.parse(glob, foldsCase: true).get().matches(action) == expected)
    }

    @Test("anything else is refused", arguments: ["", "a*b", "a\u{7F}", "a\nb", "**x**"] as [Text])
    func refused(glob: Text) {
        #expect(throws: Malformed.self) { try NameGlob.parse(glob, foldsCase: true).get() }
    }
}

@Suite("RuleIndex: every match, found quickly")
struct RuleIndexTests {
    @Test("finds exactly what comparing every pattern finds")
    func equivalence() throws {
        var random = SystemRandomNumberGenerator()
        let labels = ["a", "b", "*"]
        let segments = ["x", "y", "*"]
        for _ in 0..<60 {
            var rules: [Rule] = []
            for number in 0..<Int.random(in: 1...12, using: &random) {
                let rule = Rule(id: "r\(number)", pack: 0, span: SourceSpan(line: 1, column: 1))
                rule.match.hosts = try (0..<Int.random(in: 1...2, using: &random)).map { _ in
                    let names = (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
                        labels.randomElement(using: &random)
                    }
                    let text = (Bool.random(using: &random) ? "**." : "") + names.joined(separator: ".")
                    return try HostPattern.parse(Text(text == "*" ? "a" : text)).get()
                }
                rule.match.paths = try (0..<Int.random(in: 1...2, using: &random)).map { _ in
                    let names = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                        segments.randomElement(using: &random)
                    }
                    let text = "/" + (names + (Bool.random(using: &random) ? ["**"] : [])).joined(separator: "/")
                    return try PathTemplate.parse(Text(text)).get()
                }
                rule.match.methods =
                    Bool.random(using: &random) ? [] : [["GET", "POST"].randomElement(using: &random) ?? "GET"]
                rules.append(rule)
            }
            let index = RuleIndex(rules, orders: rules.map { _ in 0 })
            for _ in 0..<40 {
                let host = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    Text(["a", "b", "c"].randomElement(using: &random) ?? "a")
                }
                var path = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    Text(["x", "y", "z"].randomElement(using: &random) ?? "x")
                }
                let bare = path
                if Bool.random(using: &random) { path.append("") }
                let method: Text = ["GET", "post", "PURGE"].randomElement(using: &random) ?? "GET"
                let expected = rules.indices.filter { number in
                    let match = rules[number].match
                    return (match.methods.isEmpty || match.methods.contains(method.asciiUppercased))
                        && match.hosts.contains { $0.matches(host) } && match.paths.contains { fits($0, bare) }
                }
                let authority = Authority(host: Text(host.reversed().map(\.string).joined(separator: ".")), port: 443)
                var caught = RuleIndex.Catch()
                index.collect(method: method, authority: authority, segments: path, into: &caught)
                let list = (0..<caught.candidates.count).map { caught.candidates[$0] }.sorted()
                let found = list.indices.filter { $0 == 0 || list[$0 - 1].rule != list[$0].rule }.map { list[$0] }
                #expect(found.map(\.rule) == expected)
                for entry in found {
                    let first = rules[entry.rule].match.paths.firstIndex { fits($0, bare) }
                    #expect(entry.path == first)
                }
            }
        }
    }

    private func fits(_ template: PathTemplate, _ path: [Text]) -> Bool {
        guard template.isOpen ? path.count >= template.segments.count : path.count == template.segments.count else {
            return false
        }
        return zip(template.segments, path).allSatisfy { segment, part in
            if case .literal(let text) = segment { text == part } else { true }
        }
    }

    @Test("segments that look alike are told apart")
    func alike() throws {
        let set = try Sample.set(
            Sample.source("- {id: r, tier: 1, match: {host: x.test, path: \"/caf\u{E9}\"}}"))
        #expect(set.judge(Sample.call("GET", "https://x.test/caf\u{E9}"), at: Sample.now).tier == .readOnly)
        #expect(set.judge(Sample.call("GET", "https://x.test/cafe\u{301}"), at: Sample.now).tier == .external)
    }
}
