package import Calls
import JSON

extension PackReader {
    mutating func readTest(_ node: YAMLNode, in pack: Pack) {
        guard let map = yaml.mapping(node, "a test", keys: ["call", "expect"]) else { return }
        let request = readRequest(yaml.required("call", of: map))
        let expectation = readExpectation(yaml.required("expect", of: map))
        guard let request, let expectation else { return }
        tests.append(
            RuleTest(
                request: request, expectation: expectation, pack: pack.name,
                source: "\(yaml.file.path):\(node.span.line)"))
    }

    private mutating func readRequest(_ node: YAMLNode?) -> RuleTest.Request? {
        guard let map = yaml.mapping(node, "call", keys: RuleSchema.call.map(\.name)) else { return nil }
        var headers: [(name: String, value: String)] = []
        if let node = map["headers"], case .mapping(let members) = node.content {
            for member in members {
                if let value = yaml.text(member.value) { headers.append((member.key.string, value.string)) }
            }
        } else if let node = map["headers"] {
            yaml.report(.wrongKind, "headers must be a mapping, this is \(node.kind)", at: node.span)
        }
        if ["form", "json", "body"].filter({ map[$0] != nil }).count > 1 {
            yaml.report(.badValue, "a call has one body: form, json or body", at: map.span)
        }
        let hasType = headers.contains { $0.name.lowercased() == "content-type" }
        var body: [UInt8]?
        if let node = map["form"], case .mapping(let members) = node.content {
            body = TestBody.form(members)
            if !hasType { headers.append(("content-type", "application/x-www-form-urlencoded")) }
        } else if let node = map["form"] {
            yaml.report(.wrongKind, "form must be a mapping, this is \(node.kind)", at: node.span)
        } else if let node = map["json"] {
            body = TestBody.json(node)
            if !hasType { headers.append(("content-type", "application/json")) }
        } else {
            body = yaml.text(map["body"], "body")?.bytes
        }
        let operation = readOperation(map)
        // A tool is called by POST, wherever its server is.
        let method = operation == nil ? yaml.required("method", of: map) : map["method"]
        let url = operation == nil ? yaml.required("url", of: map) : map["url"]
        guard operation != nil || method != nil && url != nil else { return nil }
        return RuleTest.Request(
            method: yaml.text(method, "method") ?? "POST", url: yaml.text(url, "url") ?? "http://localhost/",
            headers: headers, body: body, operation: operation)
    }

    private mutating func readOperation(_ call: YAMLMapping) -> Operation? {
        if let map = yaml.mapping(call["mcp"], "mcp", keys: ["server", "tool", "args"]) {
            guard let server = yaml.text(yaml.required("server", of: map), "server"),
                let tool = yaml.text(yaml.required("tool", of: map), "tool")
            else { return nil }
            return .mcp(server: server, tool: tool, args: value(map["args"]))
        }
        if let map = yaml.mapping(call["jsonrpc"], "jsonrpc", keys: ["method", "params"]) {
            guard let method = yaml.text(yaml.required("method", of: map), "method") else { return nil }
            return .jsonrpc(method: method, params: value(map["params"]))
        }
        let graphql = ["operation", "name", "field", "alias", "depth", "args", "variables"]
        if let map = yaml.mapping(call["graphql"], "graphql", keys: graphql) {
            guard let field = yaml.text(yaml.required("field", of: map), "field") else { return nil }
            return .graphql(
                operation: yaml.text(map["operation"], "operation") ?? "query", name: yaml.text(map["name"], "name"),
                field: field, alias: yaml.text(map["alias"], "alias"),
                depth: yaml.integer(map["depth"], "depth", in: 0...64) ?? 1, args: value(map["args"]),
                variables: value(map["variables"]))
        }
        if let map = yaml.mapping(call["grpc"], "grpc", keys: ["service", "method"]) {
            guard let service = yaml.text(yaml.required("service", of: map), "service"),
                let method = yaml.text(yaml.required("method", of: map), "method")
            else { return nil }
            return .grpc(service: service, method: method)
        }
        return nil
    }

    private func value(_ node: YAMLNode?) -> JSONNode? {
        node.flatMap { try? JSONDocument.parse(TestBody.json($0)).root }
    }

    private mutating func readExpectation(_ node: YAMLNode?) -> RuleTest.Expectation? {
        guard let map = yaml.mapping(node, "expect", keys: RuleSchema.expectation.map(\.name)) else { return nil }
        var expectation = RuleTest.Expectation()
        expectation.tier = tier(map["tier"], "tier")
        expectation.category = yaml.choice(map["category"], "category", of: Category.self)
        expectation.disposition = yaml.choice(map["disposition"], "disposition", of: Disposition.self)
        if let node = map["rules"], case .sequence(let ids) = node.content {
            expectation.rules = ids.compactMap { yaml.text($0, "a rule's id")?.string }
            testedRules += zip(expectation.rules ?? [], ids).map { ($0, $1.span) }
        } else if let node = map["rules"] {
            yaml.report(.wrongKind, "rules must be a list, this is \(node.kind)", at: node.span)
        }
        expectation.summaries = yaml.texts(map["summary"], "summary")?.map(\.string)
        if let node = map["approvers"], case .sequence(let groups) = node.content {
            expectation.approvers = groups.compactMap { yaml.text($0, "a group")?.string }
        } else if let node = map["approvers"] {
            expectation.approvers = names(node, "approvers")
        }
        expectation.error = yaml.text(map["error"], "error")?.string
        return expectation
    }
}

extension Disposition: CaseIterable {
    package static var allCases: [Disposition] { [.pass, .hold, .refuse] }
}
