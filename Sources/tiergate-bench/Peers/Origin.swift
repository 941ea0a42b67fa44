/// What all calls go to: nginx with a small and a large document, and a place that takes what is posted.
enum Origin {
    static let smallBytes = 1024
    static let largeBytes = 102_400

    static func start(_ site: Site) throws(BenchFailure) -> Program {
        guard let nginx = Program.find("nginx") else { throw BenchFailure("there is no nginx, which is the origin") }
        let directory = site.directory
        try directory.write("www/k1", document(smallBytes))
        try directory.write("www/k100", document(largeBytes))
        let configuration = try directory.write(
            "origin.conf",
            """
            \(Nginx.preamble("origin", directory))
              open_file_cache max=100 inactive=600s; default_type application/json;
              server {
                listen 127.0.0.1:\(site.plainOriginPort) backlog=4096;
                listen 127.0.0.1:\(site.originPort) ssl backlog=4096;
                ssl_certificate \(site.certificates.origin.certificate);
                ssl_certificate_key \(site.certificates.origin.key);
                ssl_session_cache shared:origin:10m; ssl_protocols TLSv1.2 TLSv1.3;
                client_max_body_size 64m; root \(directory.file("www"));
                location = /post { return 200 '{"ok":true}'; }
              }
            }

            """)
        return try Program("origin", [nginx, "-c", configuration, "-e", directory.file("origin.err")], in: directory)
    }

    private static func document(_ count: Int) -> String {
        let head = #"{"id":"item-000001","note":""#
        return head + String(repeating: "x", count: count - head.utf8.count - 2) + #""}"#
    }
}
