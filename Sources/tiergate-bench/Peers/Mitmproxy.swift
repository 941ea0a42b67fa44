/// mitmproxy, with an addon that judges by host and path.
enum Mitmproxy {
    static func peer(_ site: Site, ports: inout Ports, program: String?) throws(BenchFailure) -> Peer? {
        guard let program = program ?? Program.find("mitmdump") else { return nil }
        let port = try ports.next()
        let directory = site.directory
        // Where the tunnel leads is changed before it is opened: changed later, mitmproxy would open another connection
        // for each request.
        let addon = try directory.write(
            "mitmproxy.py",
            """
            from mitmproxy import http


            def http_connect(flow):
                flow.request.host, flow.request.port = "127.0.0.1", \(site.originPort)


            def request(flow):
                if flow.request.path.startswith("/deny/") or not flow.request.pretty_host.endswith(".test"):
                    flow.response = http.Response.make(403, b"denied")

            """)
        let words = [
            program, "-q", "--listen-host", "127.0.0.1", "-p", "\(port)", "-s", addon,
            "--set", "confdir=\(directory.file("mitmproxy"))",
            "--set", "ssl_verify_upstream_trusted_ca=\(site.certificates.origin.root)",
            "--set", "connection_strategy=lazy", "--set", "upstream_cert=false", "--set", "keep_host_header=true",
            "--set", "flow_detail=0", "--set", "termlog_verbosity=error", "--set", "validate_inbound_headers=true",
        ]
        // The file that it looks for: key and certificate of the authority.
        try directory.write("mitmproxy/mitmproxy-ca.pem", try directory.read("peers-root-both.pem"), mode: 0o600)
        return Peer(
            name: "mitmproxy", secure: site.secure(.tunnel, port), plain: nil,
            version: Peer.version([program, "--version"], in: directory)
        ) { () throws(BenchFailure) in
            try Program("mitmproxy", words, in: directory)
        }
    }
}
