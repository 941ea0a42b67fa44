package import JSON

/// Why bytes are not taken as a call: they have no reading, or more than one.
package enum WireError: Error, Hashable, Sendable {
    // The start line.
    case malformedStartLine
    case malformedMethod
    case malformedTarget
    case unsupportedVersion
    case unexpectedStatus
    // Fields.
    case startLineTooLong(limit: Int)
    case headTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case malformedLineEnd
    case foldedField
    case malformedFieldName
    case malformedFieldValue
    case duplicateField(String)
    case disguisedField(String)
    // Framing.
    case ambiguousLength
    case malformedLength
    case unsupportedTransferCoding
    case malformedConnection
    case unsupportedExpectation
    case unsupportedUpgrade
    case unexpectedBody
    case malformedChunk
    case chunkExtension
    case trailers
    case truncatedBody
    // Whom the call is for.
    case missingHost
    case malformedHost
    case misdirected
    case ownConnection
    case unexpectedConnect
    // The target.
    case unexpectedTargetForm
    case malformedPercent
    case ambiguousPath
    case signedPath
    case malformedQuery
    case tooManyParameters(limit: Int)
    case methodOverride
    case pathOverride(String)
    // The body.
    case malformedContentType
    case unsupportedCharset
    case unsupportedContentCoding
    case contentTypeMismatch
    case malformedForm
    case malformedJSON(JSONError)
    case ambiguousOperation
    case malformedCoding
    case contentExpands(limit: Int)
    case malformedMultipart(MultipartProblem)
    case tooManyOperations(limit: Int)
    case malformedRPC(RPCProblem)
    case malformedName
    case malformedGraphQL(GraphQLProblem)
    case malformedLines
    case malformedBatch
    case malformedMessage
    case malformedDescriptors
}

extension WireError: CustomStringConvertible {
    /// Stable: agents, rules and the journal name a refusal by it.
    package var code: String { facts.code }

    /// The HTTP status of the refusal where a request is at fault; an upstream's response is always a 502.
    package var status: Int { facts.status }

    /// One sentence: what was found, and what is taken instead.
    package var description: String { facts.sentence }

    private var facts: (code: String, status: Int, sentence: String) {
        switch self {
        case .malformedStartLine:
            ("malformed_start_line", 400, "The start line is not `METHOD target HTTP/1.1` with single spaces.")
        case .malformedMethod:
            ("malformed_method", 400, "The method is not a token, or a known method in other than capital letters.")
        case .malformedTarget:
            ("malformed_target", 400, "The request target has a byte that must be percent-encoded, or a fragment.")
        case .unsupportedVersion:
            ("unsupported_version", 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        case .unexpectedStatus:
            (
                "unexpected_status", 502,
                "The status is not one of 100 to 599, or switches to a protocol nobody asked for."
            )
        case .startLineTooLong(let limit):
            ("start_line_too_long", 414, "The start line has more than \(limit) bytes.")
        case .headTooLarge(let limit):
            ("head_too_large", 431, "The head has more than \(limit) bytes; send fewer or shorter fields.")
        case .tooManyFields(let limit):
            ("too_many_fields", 431, "The head has more than \(limit) fields.")
        case .malformedLineEnd:
            ("malformed_line_end", 400, "A line ends in a bare CR or LF; HTTP lines end in CR LF.")
        case .foldedField:
            ("folded_field", 400, "A field goes on over a second line; write it on one.")
        case .malformedFieldName:
            (
                "malformed_field_name", 400,
                "A field name is empty, not a token, or followed by a blank before its colon."
            )
        case .malformedFieldValue:
            ("malformed_field_value", 400, "A field value has a control character.")
        case .duplicateField(let name):
            ("duplicate_field", 400, "The field \(name) is there twice, or as a list; send one value.")
        case .disguisedField(let name):
            ("disguised_field", 400, "A field is spelled like \(name) with `_`, which some servers read as `-`.")
        case .ambiguousLength:
            (
                "ambiguous_length", 400,
                "The length of the body is told more than once; send one Content-Length or chunks."
            )
        case .malformedLength:
            ("malformed_length", 400, "Content-Length is not a plain decimal number.")
        case .unsupportedTransferCoding:
            ("unsupported_transfer_coding", 501, "Transfer-Encoding is other than `chunked` on HTTP/1.1.")
        case .malformedConnection:
            (
                "malformed_connection", 400,
                "Connection is not a list of names, or names a field that must reach the upstream."
            )
        case .unsupportedExpectation:
            ("unsupported_expectation", 417, "Expect is other than `100-continue`.")
        case .unsupportedUpgrade:
            ("unsupported_upgrade", 501, "Changing to another protocol is not supported; speak HTTP/1.1.")
        case .unexpectedBody:
            ("unexpected_body", 400, "A message that cannot have a body tells the length of one.")
        case .malformedChunk:
            ("malformed_chunk", 400, "A chunk is not its size in hexadecimal, CR LF, that many bytes, CR LF.")
        case .chunkExtension:
            ("chunk_extension", 400, "A chunk has an extension; send its size alone.")
        case .trailers:
            ("trailers", 400, "Fields follow the body; send them in the head.")
        case .truncatedBody:
            ("truncated_body", 400, "The body ended before its announced length.")
        case .missingHost:
            ("missing_host", 400, "There is no Host field; HTTP/1.1 asks for exactly one.")
        case .malformedHost:
            ("malformed_host", 400, "The host is not one name or address in its plain spelling, with an optional port.")
        case .misdirected:
            ("misdirected", 421, "The Host field, the target and the tunnel do not name the same host and port.")
        case .ownConnection:
            (
                "loop", 508,
                "This is the gate's own connection to an upstream, led back to the gate by a proxy or a firewall rule."
            )
        case .unexpectedConnect:
            (
                "unexpected_connect", 405,
                "CONNECT opens a tunnel to this gate only; a tunnel through one cannot be judged."
            )
        case .unexpectedTargetForm:
            (
                "unexpected_target_form", 400,
                "Send `http://host/path` to the proxy itself, and `/path` inside a CONNECT tunnel."
            )
        case .malformedPercent:
            ("malformed_percent", 400, "A `%` is not followed by two hexadecimal digits.")
        case .ambiguousPath:
            (
                "ambiguous_path", 400,
                "The path has what servers read differently: an encoded or full-width separator, `;`, `\\`, a control "
                    + "character, double encoding, or text that is not composed UTF-8."
            )
        case .signedPath:
            (
                "signed_path", 400,
                "The path is signed but not in its normal form; remove `//`, dots and needless encoding."
            )
        case .malformedQuery:
            (
                "malformed_query", 400,
                "The query has a byte that must be percent-encoded (`;` among them), or is not UTF-8."
            )
        case .tooManyParameters(let limit):
            ("too_many_parameters", 400, "There are more than \(limit) parameters.")
        case .methodOverride:
            ("method_override", 400, "The call asks for another method than its own; send that one in the start line.")
        case .pathOverride(let name):
            ("path_override", 400, "The field \(name) asks for another path or host than the target; leave it out.")
        case .malformedContentType:
            ("malformed_content_type", 400, "Content-Type is not one media type with well-formed parameters.")
        case .unsupportedCharset:
            ("unsupported_charset", 415, "The charset is other than UTF-8.")
        case .unsupportedContentCoding:
            (
                "unsupported_content_coding", 415,
                "Content-Encoding is other than one of gzip, deflate, br, zstd and aws-chunked; pack the body once, or not."
            )
        case .contentTypeMismatch:
            (
                "content_type_mismatch", 415,
                "The body is not of the type that Content-Type declares; declare what it is."
            )
        case .malformedForm:
            (
                "malformed_form", 400,
                "The form has a control character or `;` that must be percent-encoded, or is not UTF-8."
            )
        case .malformedJSON(let error):
            ("malformed_json", 400, "The JSON body has \(error).")
        case .ambiguousOperation:
            ("ambiguous_operation", 400, "The AWS operation is named more than once, or not at all where it must be.")
        case .malformedCoding:
            (
                "malformed_coding", 400,
                "The body is not what Content-Encoding says, in one piece: damaged, cut short, or with something behind it."
            )
        case .contentExpands(let limit):
            ("content_expands", 413, "The body unpacks to more than \(limit) bytes; send it unpacked, or less of it.")
        case .malformedMultipart(let problem):
            ("malformed_multipart", 400, "The multipart body has \(problem.rawValue).")
        case .tooManyOperations(let limit):
            ("too_many_operations", 400, "The call holds more than \(limit) operations; send it in several calls.")
        case .malformedRPC(let problem):
            ("malformed_rpc", 400, "The JSON-RPC message has \(problem.rawValue).")
        case .malformedName:
            (
                "malformed_name", 400,
                "The name of a tool or method is empty, too long, or has a character that cannot be seen or is not composed."
            )
        case .malformedGraphQL(let problem):
            ("malformed_graphql", 400, "The GraphQL request has \(problem.rawValue).")
        case .malformedLines:
            (
                "malformed_lines", 400,
                "The lines are not one JSON object each, as this endpoint takes them: actions and their sources, none blank."
            )
        case .malformedBatch:
            (
                "malformed_batch", 400,
                "An entry of the batch is not one plain request to the same host, or is a batch itself."
            )
        case .malformedMessage:
            ("malformed_message", 400, "The body is not gRPC messages with their lengths, or the path names no method.")
        case .malformedDescriptors:
            (
                "malformed_descriptors", 500,
                "The descriptor set is none, names a thing twice or is over the limits; write it with protoc --include_imports -o."
            )
        }
    }
}
