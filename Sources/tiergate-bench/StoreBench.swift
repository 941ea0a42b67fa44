import Calls
import Glibc
import Holds
import Stores
import System

/// How many holds a second are written durably, how fast a full store answers, and how fast it is back after a restart;
/// beside what the disk and plain SQLite do in the same run.
enum StoreBench {
    struct Plan {
        /// Holds that each row of the first table writes.
        var burst = 50_000
        var concurrency = [1, 64, 512, 2048]
        var pending = 1_000_000
        /// On the disk to be measured.
        var directory = "."
    }

    static let help = """
        usage: tiergate-bench store [--burst HOLDS] [--pending HOLDS] [--concurrency A,B,…] [--directory DIR]

        """

    static func run(_ arguments: [String]) -> CInt {
        guard let plan = Plan(arguments) else {
            StandardError.write(help)
            return 2
        }
        let ended = Semaphore()
        let status = Outcome()
        Task {
            do {
                try await measure(plan)
            } catch {
                StandardError.write("tiergate-bench: \(error)\n")
                status.fail()
            }
            ended.signal()
        }
        ended.wait()
        return status.code
    }

    private static func measure(_ plan: Plan) async throws {
        let place = try BenchDirectory(in: plan.directory)
        say("disk       fdatasync after 4 KiB    \(try BareDisk.syncsPerSecond(in: place.path)) a second")
        say("sqlite     one commit per hold      \(try PlainSQLite.holdsPerSecond(in: place.path)) a second")
        for concurrency in plan.concurrency {
            let directory = "\(place.path)/burst-\(concurrency)"
            let store = try SQLiteHoldStore(in: StateDirectory(opening: directory))
            let count = concurrency == 1 ? min(plan.burst, 500) : plan.burst
            let figure = try await StoreLoad(store: store).enrol(count, at: concurrency)
            say("enrol      \(padded("\(concurrency)", 4)) at once, empty      \(figure)")
            await store.close()
            Files.remove(directory)
        }
        guard plan.pending > 0 else { return }
        let directory = "\(place.path)/full"
        var store = try SQLiteHoldStore(in: StateDirectory(opening: directory))
        let load = StoreLoad(store: store)
        say("fill       to \(plan.pending) pending       \(try await load.enrol(plan.pending, at: 2048))")
        say("enrol      1024 at once, full       \(try await load.enrol(plan.burst, at: 1024))")
        try await StoreQueries(store: store).measure(sessions: load.sessions)
        await store.close()

        for round in ["kept by the kernel", "read from the disk"] {
            if round.hasSuffix("disk") { BareDisk.forget("\(directory)/holds.db") }
            let began = SystemClock.monotonic()
            store = try SQLiteHoldStore(in: StateDirectory(opening: directory))
            _ = try await store.recover(cause: "bench")
            _ = try await store.holds(HoldQuery(states: ["approved"], limit: .max))
            _ = try await store.due(at: Timestamp(milliseconds: SystemClock.wall()), limit: 1000)
            say("restart    file \(round)  \(SystemClock.monotonic() - began) ms")
            await store.close()
        }
    }

    /// Each figure as soon as it is there, also into a file.
    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}

extension StoreBench.Plan {
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch flag {
            case "--burst":
                guard let number = Int(value), number > 0 else { return nil }
                burst = number
            case "--pending":
                guard let number = Int(value), number >= 0 else { return nil }
                pending = number
            case "--concurrency":
                concurrency = value.split(separator: ",").compactMap { Int($0) }
                guard !concurrency.isEmpty, concurrency.allSatisfy({ $0 > 0 }) else { return nil }
            case "--directory": directory = value
            default: return nil
            }
        }
    }
}

/// A directory that goes with the run.
final class BenchDirectory: Sendable {
    let path: String

    init(in directory: String) throws {
        path = try Files.makeTemporaryDirectory("tiergate-bench", in: directory)
    }

    deinit { Files.remove(path) }
}

/// What a run ends with.
private final class Outcome: @unchecked Sendable {
    // Written before the semaphore is raised, read after.
    private(set) var code: CInt = 0

    func fail() { code = 1 }
}
