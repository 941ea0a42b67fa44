/// What a body is packed with (RFC 9110 section 8.4).
enum ContentCoding: Equatable {
    case identity
    case gzip
    /// The zlib format of RFC 1950; the bare deflate that some clients send instead is refused, as the two are told apart
    /// by guessing only.
    case deflate
    case brotli
    case zstd
    /// S3's own framing of signed chunks, inside the body.
    case signedChunks

    /// Refuses a coding that nobody here unpacks, and several on top of one another.
    init(_ field: ArraySlice<UInt8>?) throws(WireError) {
        self = .identity
        guard let field, !field.isEmpty else { return }
        var hasChunks = false
        for word in field.split(separator: 0x2C, omittingEmptySubsequences: true) {
            let coding: ContentCoding
            switch smallLetters(trimmingBlanks(word)) {
            case "identity", "": continue
            case "gzip", "x-gzip": coding = .gzip
            case "deflate": coding = .deflate
            case "br": coding = .brotli
            case "zstd": coding = .zstd
            case "aws-chunked":
                guard !hasChunks else { throw .unsupportedContentCoding }
                hasChunks = true
                continue
            default: throw .unsupportedContentCoding
            }
            guard self == .identity else { throw .unsupportedContentCoding }
            self = coding
        }
        if hasChunks { self = .signedChunks }
    }
}
