/// The loads that every peer gets.
enum ProxyLoad: String, CaseIterable, Sendable {
    case many = "c32"
    case one = "c1"
    case writes = "c32_post"
    case large = "c32_100k"
    case newConnections = "new_connections"
    case freshNames = "fresh_names"
    case idleSecure = "idle_tls"
    case idlePlain = "idle_plain"

    var title: String {
        switch self {
        case .many: "GET of 1 KB, 32 connections that are kept"
        case .one: "GET of 1 KB, one connection that is kept"
        case .writes: "POST of 1 KB of JSON (tier 2), 32 connections that are kept"
        case .large: "GET of 100 KB, 32 connections that are kept"
        case .newConnections: "a new connection for each GET of 1 KB, all to one name, 8 at a time"
        case .freshNames: "the same, each to a name never seen before"
        case .idleSecure: "memory of a connection with TLS after one request"
        case .idlePlain: "memory of a connection without TLS after one request"
        }
    }

    /// Nil where connections are held and nothing is sent.
    var workload: Workload? {
        switch self {
        case .many: Workload(message: .small, connections: 32)
        case .one: Workload(message: .small, connections: 1)
        case .writes: Workload(message: .write, connections: 32)
        case .large: Workload(message: .large, connections: 32)
        case .newConnections: Workload(message: .small, connections: 8, reuse: .newConnection)
        case .freshNames: Workload(message: .small, connections: 8, reuse: .newName)
        case .idleSecure, .idlePlain: nil
        }
    }

    var metrics: [Metric] {
        switch self {
        case .many, .one, .writes, .large, .newConnections, .freshNames: [.rate, .median, .tail, .processor, .foreign]
        case .idleSecure, .idlePlain: [.memory]
        }
    }
}
