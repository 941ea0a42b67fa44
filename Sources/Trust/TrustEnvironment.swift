extension TrustFiles {
    /// How a program is told whom to trust.
    package enum Means: Sendable {
        /// `binds` are in place: variables are for programs that bring roots of their own.
        case bound
        /// Nothing but variables.
        case environment
    }

    /// The variables that programs read to find whom they may trust, in the order of their names' families.
    package func environment(_ means: Means) -> [Variable] {
        var variables: [Variable] = [
            // OpenSSL, and with it Python's ssl, httpx, Ruby, PHP and Perl; Go; rustls with native roots; uv.
            ("SSL_CERT_FILE", bundle),
            // Programs from Nix packages look here before SSL_CERT_FILE.
            ("NIX_SSL_CERT_FILE", bundle),
            // requests, which brings certifi and looks at no file of the system.
            ("REQUESTS_CA_BUNDLE", bundle),
            // The curl program, whichever TLS library it was built with.
            ("CURL_CA_BUNDLE", bundle),
            // git sets libcurl's option itself, over what libcurl would have read.
            ("GIT_SSL_CAINFO", bundle),
            // boto3 and the AWS command line, with roots of their own.
            ("AWS_CA_BUNDLE", bundle),
            // gcloud, with roots of its own.
            ("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", bundle),
            // pip, with certifi in it.
            ("PIP_CERT", bundle),
            // cargo, whose libcurl may be its own.
            ("CARGO_HTTP_CAINFO", bundle),
            // Everything on gRPC's C core, which has roots compiled in.
            ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", bundle),
            // Perl's LWP with Mozilla::CA.
            ("PERL_LWP_SSL_CA_FILE", bundle),
            // Node, Bun and npm add it to the roots that are compiled in.
            ("NODE_EXTRA_CA_CERTS", certificate),
            // Deno likewise.
            ("DENO_CERT", certificate),
        ]
        switch means {
        case .bound where hasJavaBind: break
        case .bound, .environment:
            // Only where nothing else helps: each Java program prints it on standard error.
            variables.append(("JAVA_TOOL_OPTIONS", javaOptions))
        }
        if means == .environment {
            // wget has a variable for nothing but the file of its settings, which it reads in place of ~/.wgetrc.
            variables.append(("WGETRC", wgetSettings))
        }
        return variables
    }

    private var hasJavaBind: Bool { binds.contains { $0.source == keyStore } }

    private var javaOptions: String {
        "-Djavax.net.ssl.trustStore=\(keyStore) -Djavax.net.ssl.trustStorePassword=\(JavaKeyStore.password)"
    }
}
