import System

/// Where the programs of this machine look up whom to trust.
package struct SystemTrust: Sendable {
    /// PEM bundles, the most usual first: the first one that is there is where the system's roots are read.
    package var bundles: [String]
    /// Key stores of Java, likewise.
    package var javaStores: [String]

    package init(bundles: [String], javaStores: [String]) {
        self.bundles = bundles
        self.javaStores = javaStores
    }

    /// The usual places of the distributions, and of every Java that is installed beside them.
    ///
    /// - Parameter javaHome: JAVA_HOME of the agent, whose own store a Java outside of the distribution reads.
    package static func machine(javaHome: String? = nil) -> SystemTrust {
        // One that was not made by the distribution has a store of its own beside the others.
        let javas = (javaHome.map { [$0] } ?? []) + Files.names(in: "/usr/lib/jvm").map { "/usr/lib/jvm/\($0)" }
        return SystemTrust(
            bundles: [
                "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo, Alpine, NixOS
                "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL 7 and later
                "/etc/pki/tls/certs/ca-bundle.crt",  // what their programs were compiled to read
                "/etc/pki/tls/cert.pem",  // their OpenSSL
                "/etc/ssl/ca-bundle.pem",  // openSUSE
                "/var/lib/ca-certificates/ca-bundle.pem",  // where its link leads
                "/etc/ssl/cert.pem",  // Alpine, and OpenSSL built with its own defaults
                "/usr/lib/ssl/cert.pem",  // OpenSSL of Debian
            ],
            javaStores: [
                "/etc/ssl/certs/java/cacerts",  // Debian, Ubuntu, Alpine
                "/etc/pki/ca-trust/extracted/java/cacerts",  // Fedora, RHEL
                "/etc/pki/java/cacerts",
                "/var/lib/ca-certificates/java-cacerts",  // openSUSE
                "/etc/ssl/java/cacerts",
            ] + javas.flatMap { ["\($0)/lib/security/cacerts", "\($0)/jre/lib/security/cacerts"] })
    }

    /// Files that are there, links resolved, each once: a bind over a link would miss who opens the file by its own name.
    static func resolved(_ paths: [String]) -> [String] {
        var found: [String] = []
        for path in paths {
            if let target = Files.resolved(path), !found.contains(target) { found.append(target) }
        }
        return found
    }
}
