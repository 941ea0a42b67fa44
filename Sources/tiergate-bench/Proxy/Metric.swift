/// What is measured of a peer under a load.
enum Metric: String, CaseIterable, Sendable {
    case rate = "requests_per_second"
    case median = "p50_us"
    case tail = "p99_us"
    case processor = "cpu_us_per_request"
    case memory = "bytes_per_connection"
    /// Processors that programs besides peer, origin and client used meanwhile: where they are many, rates and times
    /// say little.
    case foreign = "foreign_processors"

    var title: String {
        switch self {
        case .rate: "requests/s"
        case .median: "p50 us"
        case .tail: "p99 us"
        case .processor: "CPU us/request"
        case .memory: "KB/connection"
        case .foreign: "others' CPUs"
        }
    }

    /// As people read it; the unit is in the title.
    func text(_ value: Double) -> String {
        switch self {
        case .memory: Decimal.text(value / 1024, places: 1)
        case .foreign: Decimal.text(value, places: 2)
        case .rate, .median, .tail, .processor: Decimal.text(value)
        }
    }
}
