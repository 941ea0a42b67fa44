import CCompression

/// Unpacks a body whole, within a cap on the result and one on how far it may grow.
///
/// What two unpackers could read differently is refused: a second gzip member, a second zstd frame, anything behind the end.
/// All three libraries write into one buffer, whose bounds they are told; nothing of them outlives the call.
struct Decompressor {
    private let input: [UInt8]
    private let limits: DecodingLimits
    private var output: [UInt8] = []
    private var piece = [UInt8](repeating: 0, count: 16 << 10)

    static func unpack(
        _ input: [UInt8], _ coding: ContentCoding, limits: DecodingLimits
    ) throws(WireError) -> [UInt8] {
        var decompressor = Decompressor(input: input, limits: limits)
        switch coding {
        case .identity, .signedChunks: return input
        case .gzip: try decompressor.inflate(windowBits: 15 + 16)
        case .deflate: try decompressor.inflate(windowBits: 15)
        case .brotli: try decompressor.brotli()
        case .zstd: try decompressor.zstd()
        }
        return decompressor.output
    }

    private init(input: [UInt8], limits: DecodingLimits) {
        self.input = input
        self.limits = limits
    }

    /// Bytes that the result may have.
    private var room: Int {
        let (grown, overflows) = input.count.multipliedReportingOverflow(by: limits.expansion)
        return min(limits.decodedBytes, max(limits.decodedFloor, overflows ? .max : grown))
    }

    private mutating func take(_ count: Int) throws(WireError) {
        guard count <= room - output.count else { throw .contentExpands(limit: room) }
        output.append(contentsOf: piece[..<count])
    }

    // Names the position in the input where an unpacker stopped, as all must have been read.
    private enum Step {
        case more(read: Int, written: Int)
        case end(read: Int, written: Int)
        case failed
    }

    /// Runs `step` until it ends, on what is left of the input.
    private mutating func run(
        _ step: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Step
    ) throws(WireError) {
        var position = 0
        while true {
            let result = unsafe input.withUnsafeBufferPointer { source in
                unsafe piece.withUnsafeMutableBufferPointer { target in
                    unsafe step(UnsafeBufferPointer(rebasing: source[position...]), target)
                }
            }
            switch result {
            case .failed: throw .malformedCoding
            case .end(let read, let written):
                try take(written)
                guard position + read == input.count else { throw .malformedCoding }
                return
            case .more(let read, let written):
                // No progress means that the input ends too early.
                guard read > 0 || written > 0 else { throw .malformedCoding }
                try take(written)
                position += read
            }
        }
    }

    private mutating func inflate(windowBits: Int32) throws(WireError) {
        var stream = unsafe z_stream()
        guard unsafe tiergate_inflate_init(&stream, windowBits) == Z_OK else { throw .malformedCoding }
        defer { _ = unsafe inflateEnd(&stream) }
        try unsafe run { source, target in
            // zlib does not write to its input, but does not say so in its types.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.avail_in = UInt32(clamping: source.count)
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(clamping: target.count)
            let result = unsafe CCompression.inflate(&stream, Z_NO_FLUSH)
            let read = unsafe Int(UInt32(clamping: source.count) - stream.avail_in)
            let written = unsafe Int(UInt32(clamping: target.count) - stream.avail_out)
            switch result {
            case Z_STREAM_END: return .end(read: read, written: written)
            case Z_OK: return .more(read: read, written: written)
            default: return .failed
            }
        }
    }

    private mutating func brotli() throws(WireError) {
        guard let state = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { throw .malformedCoding }
        defer { unsafe BrotliDecoderDestroyInstance(state) }
        try unsafe run { source, target in
            var available = source.count
            var room = target.count
            var next = source.baseAddress
            var out = target.baseAddress
            let result = unsafe BrotliDecoderDecompressStream(state, &available, &next, &room, &out, nil)
            let (read, written) = (source.count - available, target.count - room)
            switch result {
            case BROTLI_DECODER_RESULT_SUCCESS: return .end(read: read, written: written)
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT, BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
                return .more(read: read, written: written)
            default: return .failed
            }
        }
    }

    private mutating func zstd() throws(WireError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .malformedCoding }
        defer { _ = unsafe ZSTD_freeDCtx(context) }
        let cap = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(clamping: limits.windowBits))
        guard ZSTD_isError(cap) == 0 else { throw .malformedCoding }
        try unsafe run { source, target in
            var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            var to = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
            let hint = unsafe ZSTD_decompressStream(context, &to, &from)
            guard ZSTD_isError(hint) == 0 else { return .failed }
            let (read, written) = unsafe (from.pos, to.pos)
            return hint == 0 ? .end(read: read, written: written) : .more(read: read, written: written)
        }
    }
}
