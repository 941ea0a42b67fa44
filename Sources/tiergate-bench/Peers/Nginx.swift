import Glibc

/// nginx as a reverse proxy with one worker.
enum Nginx {
    static func peer(_ site: Site, ports: inout Ports) throws(BenchFailure) -> Peer? {
        guard let nginx = Program.find("nginx") else { return nil }
        let (port, plainPort) = (try ports.next(), try ports.next())
        let certificates = site.certificates
        let directory = site.directory
        let configuration = try directory.write(
            "nginx.conf",
            """
            \(preamble("nginx", directory))
              upstream origin {
                server 127.0.0.1:\(site.originPort); keepalive 256; keepalive_requests 1000000000;
              }
              server {
                listen 127.0.0.1:\(port) ssl backlog=4096;
                listen 127.0.0.1:\(plainPort) backlog=4096;
                ssl_certificate \(certificates.peers.certificate); ssl_certificate_key \(certificates.peers.key);
                ssl_protocols TLSv1.2 TLSv1.3;
                location /deny/ { return 403; }
                location / {
                  proxy_pass https://origin; proxy_http_version 1.1; proxy_request_buffering off;
                  proxy_set_header Connection ""; proxy_set_header Host $http_host;
                  proxy_ssl_verify on; proxy_ssl_trusted_certificate \(certificates.origin.root);
                  proxy_ssl_server_name on; proxy_ssl_name $host; proxy_ssl_protocols TLSv1.2 TLSv1.3;
                }
              }
            }

            """)
        return Peer(
            name: "nginx", secure: site.secure(.reverse, port), plain: site.plain(.plainReverse, plainPort),
            version: Peer.version([nginx, "-v"], in: directory)
        ) { () throws(BenchFailure) in
            try Program("nginx", [nginx, "-c", configuration, "-e", directory.file("nginx.err")], in: directory)
        }
    }

    /// What origin and peer have in common, to the beginning of their servers.
    static func preamble(_ name: String, _ directory: ScratchDirectory) -> String {
        """
        daemon off; worker_processes 1; pid \(directory.file("\(name).pid"));
        \(geteuid() == 0 ? "user root root;" : "")
        error_log \(directory.file("\(name).err")) crit;
        events { worker_connections 8000; }
        http {
          access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
          client_body_temp_path \(directory.file("\(name)-1")); proxy_temp_path \(directory.file("\(name)-2"));
          fastcgi_temp_path \(directory.file("\(name)-3")); uwsgi_temp_path \(directory.file("\(name)-4"));
          scgi_temp_path \(directory.file("\(name)-5"));
        """
    }
}
