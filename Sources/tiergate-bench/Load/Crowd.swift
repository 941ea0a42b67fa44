import Client
import System

/// Many connections that are open at the same time and say nothing after their one request. Confined to one loop.
final class Crowd: @unchecked Sendable {
    /// Made at the same time.
    private static let builders = 16

    private let route: Route
    private let loop: EventLoop
    private let pool = BufferPool()
    private(set) var connections: [HTTPConnection] = []
    private var begun = 0
    private var failure: (any Error)?

    init(_ route: Route, on loop: EventLoop) {
        self.route = route
        self.loop = loop
    }

    /// Makes so many connections.
    ///
    /// - Parameters:
    ///   - message: what the connection with this number asks.
    ///   - isAnswered: whether the answers are waited for; they are those of calls that pass.
    func gather(_ count: Int, isAnswered: Bool, _ message: @escaping @Sendable (Int) -> Message) async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Crowd.builders { group.addTask { await self.build(count, isAnswered, message) } }
        }
        if let failure { throw failure }
    }

    private func build(_ count: Int, _ isAnswered: Bool, _ message: @Sendable (Int) -> Message) async {
        while begun < count, failure == nil, !Interruption.isAsked {
            let number = begun
            begun += 1
            do {
                let connection = try await HTTPConnection.open(route, to: Route.usualName, on: loop, pool: pool)
                try await connection.send(route.bytes(of: message(number), to: Route.usualName))
                if isAnswered {
                    let status = try await connection.answer()
                    guard status == 200 else { throw BenchFailure("answered with \(status)") }
                }
                connections.append(connection)
            } catch {
                let hint = error as? IOError == .timedOut ? "; does the peer take as many at a time?" : ""
                failure = BenchFailure("connection \(number + 1) of \(count): \(error)\(hint)")
            }
        }
    }

    /// Hangs up everywhere.
    func leave() { connections = [] }
}
