import Client
import JSON
import Rules
import System

/// The settings of the way to upstreams.
extension Setting {
    static let upstream: [Setting] =
        [
            Setting(
                path: "upstream.proxy", value: "URL",
                reason:
                    "http://HOST:PORT of a proxy on the way to upstreams, or null. It resolves names, so the gate checks"
                    + " only the proxy's own address; names in upstream.resolve are reached without it.",
                read: { node, reader, settings in
                    reader.orNull(node, "upstream.proxy") { text, node, reader in reader.proxy(text, node) }
                        .map { settings.upstreamProxy = $0 }
                },
                written: { [$0.upstreamProxy.map { "http://\($0.description)" } ?? "null"] }),
            Setting(
                path: "upstream.proxy_credentials", value: "FILE",
                reason: "A file with `user:password` for that proxy, or null; only the gate's account should read it.",
                completion: .file,
                read: { node, reader, settings in
                    reader.orNull(node, "upstream.proxy_credentials") { _, node, reader in
                        reader.path(node, "upstream.proxy_credentials")
                    }.map { settings.upstreamProxyCredentials = $0 }
                },
                written: { [$0.upstreamProxyCredentials ?? "null"] }),
            Setting(
                path: "upstream.no_proxy", value: "HOST",
                reason: "Hosts that are reached without the proxy: names, `**.test` for all under one, address ranges.",
                shape: .list,
                read: { node, reader, settings in
                    guard let texts = reader.texts(node, "upstream.no_proxy") else { return }
                    let hosts = texts.compactMap { reader.exception($0.string, node) }
                    if hosts.count == texts.count {
                        settings.upstreamNoProxy = zip(texts.map(\.string), hosts).map { .init($0, $1) }
                    }
                },
                written: { $0.upstreamNoProxy.map(\.text) }),
            Setting(
                path: "upstream.client_certificates", value: "HOST=CERTIFICATE,KEY",
                reason:
                    "Hosts that the gate shows a certificate of its own: {host: \"**.bank.test\", certificate: FILE,"
                    + " key: FILE}, PEM; the first that covers a host counts.",
                shape: .records,
                read: { node, reader, settings in
                    reader.identities(node).map { settings.upstreamIdentities = $0 }
                },
                written: { settings in
                    settings.upstreamIdentities.map {
                        "{host: \(quoted($0.host)), certificate: \(quoted($0.certificate)), key: \(quoted($0.key))}"
                    }
                }),
        ] + times + [
            count(
                "upstream.idle.per_host", \.idlePerAuthority,
                "Unused connections that each event loop keeps to one host for the next call."),
            count("upstream.idle.total", \.idleTotal, "And to all hosts together."),
        ]

    private static let times: [Setting] = [
        time(.resolve, \.resolveTime, "Until a name server has answered."),
        time(.connect, \.connectTime, "Until one of the host's addresses has taken the connection, or the proxy has."),
        time(.handshake, \.handshakeTime, "For the TLS handshake."),
        time(.write, \.writeTime, "Between two pieces of a request that the upstream takes."),
        time(.head, \.answerTime, "Until the answer begins; models think for minutes."),
        time(.body, \.readTime, "Between two pieces of the answer."),
        span("upstream.idle.time", \.idleTime, "How long a connection that nobody uses is kept for the next call."),
    ]

    private static func time(
        _ phase: UpstreamPhase, _ field: any WritableKeyPath<UpstreamSettings, Int64> & Sendable, _ reason: String
    ) -> Setting {
        span(phase.setting, field, reason)
    }

    private static func span(
        _ path: String, _ field: any WritableKeyPath<UpstreamSettings, Int64> & Sendable, _ reason: String
    ) -> Setting {
        Setting(
            path: path, value: "TIME", reason: reason,
            read: { node, reader, settings in
                reader.span(node, path).map { settings.upstream[keyPath: field] = $0 }
            },
            written: { [TimeSpan.spelling($0.upstream[keyPath: field])] })
    }

    private static func count(
        _ path: String, _ field: any WritableKeyPath<UpstreamSettings, Int> & Sendable, _ reason: String
    ) -> Setting {
        Setting(
            path: path, value: "NUMBER", reason: reason,
            read: { node, reader, settings in
                reader.yaml.integer(node, path, in: 0...100_000).map { settings.upstream[keyPath: field] = $0 }
            },
            written: { ["\($0.upstream[keyPath: field])"] })
    }
}
