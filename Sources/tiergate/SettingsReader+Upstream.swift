import Calls
import Client
import JSON
import Rules

/// Kinds of value of the way to upstreams.
extension SettingsReader {
    /// `.some(nil)` for `null`.
    mutating func orNull<Value>(
        _ node: YAMLNode, _ what: String, _ read: (String, YAMLNode, inout SettingsReader) -> Value?
    ) -> Value?? {
        if node.isNull { return .some(nil) }
        guard let text = yaml.text(node, what) else { return nil }
        // As a flag has it.
        if text == "null" { return .some(nil) }
        guard let value = read(text.string, node, &self) else { return nil }
        return .some(value)
    }

    mutating func proxy(_ text: String, _ node: YAMLNode) -> UpstreamProxy? {
        if let proxy = UpstreamProxy(text) { return proxy }
        // It may have a password in it.
        yaml.report(
            .badValue, "upstream.proxy is no URL of a proxy", at: node.span,
            help:
                "for example http://proxy.test:3128; a user and a password go into the file upstream.proxy_credentials")
        return nil
    }

    mutating func exception(_ text: String, _ node: YAMLNode) -> UpstreamProxy.Exception? {
        if let exception = UpstreamProxy.Exception(text) { return exception }
        yaml.report(
            .badValue, "\(visible(text)) is neither a name nor an address range", at: node.span,
            help: "for example internal.test, **.internal.test or 10.0.0.0/8")
        return nil
    }

    mutating func identities(_ node: YAMLNode) -> [Settings.Identity]? {
        guard case .sequence(let elements) = node.content else {
            yaml.report(
                .wrongKind, "upstream.client_certificates must be a list", at: node.span, help: Self.identityExample)
            return nil
        }
        let identities = elements.compactMap { identity($0) }
        return identities.count == elements.count ? identities : nil
    }

    private static let identityExample = "for example [{host: \"**.bank.test\", certificate: gate.pem, key: gate.key}]"

    private mutating func identity(_ node: YAMLNode) -> Settings.Identity? {
        let host: String?
        let certificate: String?
        let key: String?
        if case .scalar(let text, _) = node.content {
            // `HOST=CERTIFICATE,KEY`, as a flag has it.
            let parts = text.string.split(separator: "=", maxSplits: 1)
            let files = parts.count == 2 ? parts[1].split(separator: ",") : []
            host = files.count == 2 ? String(parts[0]) : nil
            certificate = files.first.map { absolute(String($0)) }
            key = files.last.map { absolute(String($0)) }
        } else {
            let what = "a client certificate"
            guard let record = yaml.mapping(node, what, keys: ["host", "certificate", "key"]) else { return nil }
            host = yaml.text(record["host"], "host")?.string
            certificate = record["certificate"].flatMap { path($0, "certificate") }
            key = record["key"].flatMap { path($0, "key") }
        }
        if let host = host?.lowercased(), let certificate, let key, let pattern = NamePattern(host) {
            return Settings.Identity(host: host, hosts: pattern, certificate: certificate, key: key)
        }
        yaml.report(
            .badValue, "a client certificate needs a host, a certificate and a key", at: node.span,
            help: Self.identityExample)
        return nil
    }

    mutating func span(_ node: YAMLNode, _ what: String) -> Int64? {
        guard let text = yaml.text(node, what) else { return nil }
        if let time = TimeSpan.parse(text.string), 1...86_400_000 ~= time { return time }
        yaml.report(.badValue, "\(what) must be a time from 1 ms to 1 d", at: node.span, help: "for example 4 s or 2 m")
        return nil
    }
}
