import System

extension EventLoop {
    /// Runs `body` on this loop and the calling thread to its end.
    func finish<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) throws -> R {
        let outcome = Outcome<R>()
        spawn {
            do { outcome.result = .success(try await body()) } catch { outcome.result = .failure(error) }
        }
        run { outcome.result != nil || Interruption.isAsked }
        guard let result = outcome.result else { throw BenchFailure.interrupted }
        return try result.get()
    }
}

/// Set and read on the one thread that runs the loop.
private final class Outcome<R>: @unchecked Sendable {
    var result: Result<R, any Error>?
}
