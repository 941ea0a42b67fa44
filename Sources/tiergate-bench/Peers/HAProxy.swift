/// HAProxy with one thread and a rule by path and host.
enum HAProxy {
    static func peer(_ site: Site, ports: inout Ports) throws(BenchFailure) -> Peer? {
        guard let haproxy = Program.find("haproxy") else { return nil }
        let (port, plainPort) = (try ports.next(), try ports.next())
        let directory = site.directory
        let configuration = try directory.write(
            "haproxy.cfg",
            """
            global
              maxconn 8000
              nbthread 1
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              timeout http-keep-alive 60s
            frontend agents
              bind 127.0.0.1:\(port) ssl crt \(site.certificates.peers.both) alpn http/1.1
              bind 127.0.0.1:\(plainPort)
              acl denied path_beg /deny/
              acl known hdr_end(host) -i .test
              http-request deny deny_status 403 if denied or !known
              default_backend origin
            backend origin
              http-reuse always
              server origin 127.0.0.1:\(site.originPort) ssl verify required ca-file \(site.certificates.origin.root) \
            sni req.hdr(host),field(1,:) alpn http/1.1 pool-max-conn 200

            """)
        return Peer(
            name: "haproxy", secure: site.secure(.reverse, port), plain: site.plain(.plainReverse, plainPort),
            version: Peer.version([haproxy, "-v"], in: directory)
        ) { () throws(BenchFailure) in
            try Program("haproxy", [haproxy, "-db", "-q", "-f", configuration], in: directory)
        }
    }
}
