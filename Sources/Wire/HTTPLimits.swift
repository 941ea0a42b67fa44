/// How much of a message the HTTP/1.1 reader takes before it refuses.
package struct HTTPLimits: Sendable {
    /// The request or status line, without its line end.
    package var startLineBytes: Int
    /// The whole head: start line, fields and the empty line.
    package var headBytes: Int
    /// Fields in one head.
    package var fields: Int
    /// The line that opens a chunk, without its line end; RFC 9112 section 7.1 bounds nothing.
    package var chunkLineBytes: Int
    /// What an upstream may put behind the size of a chunk.
    package var chunkExtensionBytes: Int
    /// All fields that an upstream may put behind its last chunk.
    package var trailerBytes: Int

    package init(
        startLineBytes: Int = 16 << 10, headBytes: Int = 64 << 10, fields: Int = 200, chunkLineBytes: Int = 16,
        chunkExtensionBytes: Int = 1 << 10, trailerBytes: Int = 16 << 10
    ) {
        self.startLineBytes = startLineBytes
        self.headBytes = headBytes
        self.fields = fields
        self.chunkLineBytes = chunkLineBytes
        self.chunkExtensionBytes = chunkExtensionBytes
        self.trailerBytes = trailerBytes
    }

    package static let `default` = HTTPLimits()
}
