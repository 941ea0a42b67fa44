import Foundation
import Glibc

/// The wall clock of one program, put forward and back while it runs.
///
/// A time namespace moves only the clocks that count from the start of the machine, so the C library's function is
/// replaced instead (`Clients/wallclock.c`).
final class WallClock {
    private let library: String
    private let file: String
    private let descriptor: CInt
    private(set) var offset: Int64 = 0
    /// The farthest that it has been in each direction: what may have expired.
    private(set) var span: (least: Int64, most: Int64) = (0, 0)

    static let isPossible = Place.has(Place.compiler)
    static let isMissing = "no C compiler to make the moving clock with"

    init(_ scratch: Scratch) async throws {
        library = scratch.file("wallclock.so")
        file = scratch.file("wallclock")
        let made = try await run(
            Place.compiler, ["-shared", "-fPIC", "-O1", "-o", library, Place.script("wallclock.c")])
        guard made.status == 0 else { throw Failed(description: "the moving clock: \(made.errors)") }
        descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        set(0)
    }

    deinit { close(descriptor) }

    /// What a program needs that lives by it.
    var environment: [String: String] { ["LD_PRELOAD": library, "TIERGATE_WALL_CLOCK": file] }

    /// Milliseconds from the true time.
    func set(_ offset: Int64) {
        self.offset = offset
        span = (min(span.least, offset), max(span.most, offset))
        var value = offset
        pwrite(descriptor, &value, MemoryLayout<Int64>.size, 0)
    }
}
