import Glibc

/// Squid, which mints leaves with a helper beside it (ssl-bump).
enum Squid {
    private static let helpers = ["/usr/lib/squid/security_file_certgen", "/usr/lib64/squid/security_file_certgen"]

    static func peer(_ site: Site, ports: inout Ports) throws(BenchFailure) -> Peer? {
        guard let squid = Program.find("squid"), let helper = helpers.first(where: { access($0, X_OK) == 0 }) else {
            return nil
        }
        let port = try ports.next()
        let directory = site.directory
        let names = [Route.usualName] + (0..<Workload.freshNames).map(Workload.freshName)
        let hosts = try directory.write("squid/hosts", names.map { "127.0.0.1 \($0)\n" }.joined())
        let configuration = try directory.write(
            "squid/squid.conf",
            """
            http_port 127.0.0.1:\(port) ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=32MB \
            tls-cert=\(site.certificates.peers.rootBoth) options=NO_SSLv3
            sslcrtd_program \(helper) -s \(directory.file("squid/state/db")) -M 32MB
            sslcrtd_children 2 startup=1 idle=1
            tls_outgoing_options cafile=\(site.certificates.origin.root)
            acl tunnels method CONNECT
            acl denied urlpath_regex ^/deny/
            http_access allow tunnels
            http_access deny denied
            http_access allow localhost
            http_access deny all
            ssl_bump bump all
            cache deny all
            access_log none
            cache_log \(directory.file("squid/state/cache.log"))
            cache_store_log none
            pid_filename none
            coredump_dir \(directory.file("squid/state"))
            hosts_file \(hosts)
            max_filedescriptors 16384
            via off
            forwarded_for delete
            workers 1
            shutdown_lifetime 1 seconds

            """)
        return Peer(
            name: "squid", secure: site.secure(.tunnel, port), plain: site.plain(.plainProxy, port),
            version: Peer.version([squid, "-v"], in: directory)
        ) { () throws(BenchFailure) in
            directory.clear("squid/state")
            try directory.write("squid/state/cache.log", "")
            try Program.run([helper, "-c", "-s", directory.file("squid/state/db"), "-M", "32MB"], in: directory)
            // Started as root it goes on as this user, helpers too.
            if geteuid() == 0 {
                try Program.run(["chown", "-R", "proxy", directory.file("squid/state")], in: directory)
            }
            return try Program("squid", [squid, "-N", "-f", configuration], in: directory)
        }
    }
}
