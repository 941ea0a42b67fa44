import Glibc

/// Why reading, writing or connecting did not happen.
package enum IOError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel refused: the call's name and errno.
    case system(String, CInt)
    /// Its time ran out.
    case timedOut
    /// The gate is stopping, or the waiter was told to give up.
    case interrupted
    /// TLS failed: a sentence for the operator.
    case tls(String)
    /// The connection ended where more was due.
    case truncated

    package var description: String {
        switch self {
        case .system(let call, let code): "\(call): \(IOError.explanation(of: code))"
        case .timedOut: "timed out"
        case .interrupted: "interrupted"
        case .tls(let sentence): sentence
        case .truncated: "the connection was closed in the middle"
        }
    }

    /// The peer has closed its side, which a writer learns before what the peer said last.
    package static func isReset(_ code: CInt) -> Bool { code == EPIPE || code == ECONNRESET }

    /// This machine does not have the address, or nothing of its family.
    package var isMissingAddress: Bool {
        if case .system(_, let code) = self { code == EADDRNOTAVAIL || code == EAFNOSUPPORT } else { false }
    }

    /// There is no room for another descriptor.
    package static func isOutOfDescriptors(_ code: CInt) -> Bool { code == EMFILE || code == ENFILE }

    /// The C library's words for an errno value.
    package static func explanation(of code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
