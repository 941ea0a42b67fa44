import Calls
import JSON
import Wire

extension Refusal {
    /// How the API that was called speaks of errors: what its clients look at, so that the text reaches the model.
    enum Dialect: Hashable {
        /// RFC 9457, with the members in which the clients of Stripe, GitHub, OpenAI, Anthropic, Twilio, Azure and most
        /// others look for a text.
        case problem
        case aws(AWSForm)
        case google
        case slack
        case kubernetes
        case graphql(GraphQLType)
        case rpc(RPCQuestion)
        case gitPush(GitPush)
        /// What git shows of an answer to its first question, and nothing else does worse with.
        case plainText

        enum AWSForm: Hashable {
            /// `<ErrorResponse>`, the query protocol's (IAM, STS, EC2 reads it too), and that of REST in XML.
            case query
            /// `<Error>`, as S3 says it.
            case s3
            /// The code in a field, the text in JSON; with the media type of the request.
            case json(version: String)
            /// Smithy RPC v2, which newer SDKs speak with some services.
            case cbor
        }

        enum GraphQLType: String {
            /// GraphQL over HTTP, section 6: its clients read `errors` whatever the status.
            case response = "application/graphql-response+json"
            case json = "application/json"
        }
    }

    /// What a body says about the protocol in it; of most calls nothing is.
    enum Spoken {
        case graphql
        case rpc(RPCQuestion)
        case gitPush(GitPush)

        /// - Parameter beginning: of the body.
        init?(_ call: Call, beginning: [UInt8]) {
            if call.target.segments.last == "git-receive-pack" {
                guard let push = GitPush(beginning) else { return nil }
                self = .gitPush(push)
                return
            }
            switch call.operations.first {
            case .graphql: self = .graphql
            case .mcp, .jsonrpc:
                guard case .json(let document) = call.document, let question = RPCQuestion(document.root, call.fields)
                else {
                    return nil
                }
                self = .rpc(question)
            case .http, .aws, .grpc, .sql, .dns, .batched, .unreadable, .wrapper, nil: return nil
            }
        }

        /// Whether a call may have one; asked of every call.
        static func isPossible(_ call: Call) -> Bool {
            !call.isPlain || call.target.segments.last == "git-receive-pack"
        }
    }
}

extension Refusal.Dialect {
    /// - Parameters:
    ///   - host: whom the request is for; empty where that is not known.
    ///   - path: with the query.
    init(host: Text, path: Text, fields: Fields, spoken: Refusal.Spoken?) {
        switch spoken {
        case .gitPush(let push): self = .gitPush(push)
        case .rpc(let question): self = .rpc(question)
        case .graphql:
            let accepted = fields.text("accept")?.string ?? ""
            self = .graphql(accepted.contains(GraphQLType.response.rawValue) ? .response : .json)
        case nil:
            if let form = Refusal.Dialect.aws(host, fields) {
                self = .aws(form)
            } else if host.hasSuffix(".googleapis.com") {
                self = .google
            } else if host == "slack.com" || host.hasSuffix(".slack.com") {
                self = .slack
            } else if Refusal.Dialect.isKubernetes(path) {
                self = .kubernetes
            } else if path.string.contains("/info/refs?service=git-") {
                self = .plainText
            } else {
                self = .problem
            }
        }
    }

    /// Services that speak REST in XML; of the others those with forms speak the query protocol, and the rest JSON.
    private static let inXML: Set<String> = ["route53", "cloudfront", "s3-control"]

    private static func aws(_ host: Text, _ fields: Fields) -> AWSForm? {
        guard let service = service(host, fields) else { return nil }
        if service == "s3" { return .s3 }
        if fields.contains(.smithyProtocol) { return .cbor }
        let type = fields.text("content-type")?.asciiLowercased
        if inXML.contains(service) || type?.hasPrefix("application/x-www-form-urlencoded") == true { return .query }
        guard let type, type.hasPrefix("application/x-amz-json-1.") else { return .json(version: "application/json") }
        return .json(
            version: type.hasPrefix("application/x-amz-json-1.0")
                ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1")
    }

    /// The host says it where it is Amazon's; elsewhere (a private endpoint, another's storage) the signature does.
    private static func service(_ host: Text, _ fields: Fields) -> String? {
        if let known = AWSHost(host) { return known.service }
        if case .aws(let credential) = Credential.read(fields, query: []) { return credential.service }
        return nil
    }

    /// Paths that nobody else has: hosts of clusters are called anything.
    private static func isKubernetes(_ path: Text) -> Bool {
        path.hasPrefix("/apis/") || path.hasPrefix("/api/v1/namespaces") || path.hasPrefix("/api/v1/nodes")
            || path.hasPrefix("/api/v1/persistentvolumes")
    }
}

extension Refusal.Dialect {
    /// - Parameters:
    ///   - tunnel: whom the connection is for; nil where the request says so itself, in absolute form.
    init(_ request: RequestHead?, tunnel: Text?, spoken: Refusal.Spoken?) {
        let target = request?.target.string ?? ""
        var (host, path) = (tunnel ?? "", Text(target))
        if tunnel == nil, let start = target.firstRange(of: "://")?.upperBound {
            let rest = target[start...]
            host = Text(String(rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" })).asciiLowercased
            path = Text(String(rest.drop { $0 != "/" }))
        }
        self.init(host: host, path: path, fields: request?.fields ?? Fields(), spoken: spoken)
    }
}
