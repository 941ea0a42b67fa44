import Calls
import Client
import Holds
import Stores
import System
import Wire

/// The part of a request that the kernel did not take at once, on its way while the answer may come already.
///
/// An upstream may answer before it has read everything: with a refusal, after which it reads no more, or piece by piece,
/// reading no more until its answer is taken. Confined to its loop, as both tasks that use it are.
final class Upload: @unchecked Sendable {
    enum End {
        case running
        /// Everything was written.
        case whole
        /// The upstream takes no more; its answer may be there all the same.
        case refused
        /// The answer came before the end: the rest is of no use.
        case stopped
        /// The agent or the spool did not bring the rest.
        case failed(cause: String)
    }

    private(set) var end = End.running
    /// Bytes that come before the source's.
    private let first: [UInt8]
    private let source: Source?
    private let stream: Stream
    private let settings: UpstreamSettings

    enum Source {
        case spool(Spool, name: String, length: Int, digest: Digest)
        case agent(Exchange?, isChunked: Bool)
    }

    init(_ first: [UInt8], _ source: Source?, to stream: Stream, _ settings: UpstreamSettings) {
        self.first = first
        self.source = source
        self.stream = stream
        self.settings = settings
    }

    func run() async {
        guard case .running = end else { return }
        do throws(IOError) {
            try await put(first)
            switch source {
            case nil: break
            case .spool(let spool, let name, let length, let digest):
                try await writeSpooled(spool, name, length, digest)
            case .agent(let exchange, let isChunked): try await writeStreamed(exchange, isChunked)
            }
            if case .running = end { end = .whole }
        } catch {
            finish(error)
        }
        // Whoever waits for the answer looks at how this ended.
        if case .failed = end { stream.socket.abandon() }
    }

    /// Says that the kernel did not take what was written outside `run`.
    func finish(_ error: IOError) {
        guard case .running = end else { return }
        switch error {
        case .system(_, let code) where IOError.isReset(code): end = .refused
        case .tls: end = .refused
        case .system, .timedOut, .interrupted, .truncated: end = .failed(cause: settings.spoken(error, in: .write))
        }
    }

    func stop() {
        guard case .running = end else { return }
        end = .stopped
        stream.socket.abandon()
        if case .agent(let exchange, _)? = source { exchange?.stopReading() }
    }

    var isWhole: Bool { if case .whole = end { true } else { false } }

    private func put(_ bytes: [UInt8]) async throws(IOError) {
        try await stream.write(bytes, by: stream.loop.now + settings.writeTime)
        guard case .running = end else { throw .interrupted }
    }

    private func writeSpooled(
        _ spool: Spool, _ name: String, _ length: Int, _ digest: Digest
    ) async throws(IOError) {
        do throws(StoreFailure) {
            var reader = try spool.open(name, length: length, digest: digest)
            while let piece = try reader.next() {
                let outcome: IOError?
                do throws(IOError) {
                    try await put(piece)
                    outcome = nil
                } catch {
                    outcome = error
                }
                if let outcome { return finish(outcome) }
            }
        } catch {
            end = .failed(cause: "the body that was put aside cannot be read: \(error)")
        }
    }

    private func writeStreamed(_ exchange: Exchange?, _ isChunked: Bool) async throws(IOError) {
        guard let exchange else { throw .truncated }
        while true {
            let piece: [UInt8]?
            do throws(CallFailure) { piece = try await exchange.nextPiece() } catch { throw .truncated }
            guard case .running = end else { throw .interrupted }
            guard let piece else { break }
            guard isChunked else {
                try await put(piece)
                continue
            }
            var chunk: [UInt8] = []
            HTTPWriter.chunk(piece.span, into: &chunk)
            try await put(chunk)
        }
        guard isChunked else { return }
        var last: [UInt8] = []
        HTTPWriter.lastChunk(into: &last)
        try await put(last)
    }
}
