import System

/// What /proc says of one process (proc(5), `stat`).
struct ProcessStatus: Hashable, Sendable {
    let pid: Int32
    let parent: Int32
    /// Ticks of user and system time, with those of children that have ended.
    let ticks: Int
    /// Ticks from the machine's start to the process's: with the number, it tells one process from all others.
    let started: Int

    /// In a second, for every program on Linux (USER_HZ).
    static let ticksPerSecond = 100.0

    init?(of pid: Int32) {
        guard let bytes = try? Files.read("/proc/\(pid)/stat") else { return nil }
        self.init(String(decoding: bytes, as: UTF8.self))
    }

    /// The program's name stands in parentheses and may have any characters, spaces and parentheses too.
    init?(_ text: String) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
            let pid = Int32(text[..<open].split(separator: " ").first ?? "")
        else { return nil }
        let fields = text[text.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 19, let parent = Int32(fields[1]), let started = Int(fields[19]) else { return nil }
        self.pid = pid
        self.parent = parent
        self.started = started
        ticks = fields[11...14].reduce(0) { $0 + (Int($1) ?? 0) }
    }
}
