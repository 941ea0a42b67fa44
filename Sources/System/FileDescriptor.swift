import Glibc

/// The sole owner of a descriptor: closed when it goes out of scope.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: CInt

    package init(owning raw: CInt) { self.raw = raw }

    deinit { _ = Glibc.close(raw) }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> CInt {
        let raw = raw
        discard self
        return raw
    }
}
