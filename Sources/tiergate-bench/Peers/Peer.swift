/// One of those that are measured beside each other.
struct Peer: Sendable {
    let name: String
    let secure: Route
    /// Nil: it is not measured without TLS.
    let plain: Route?
    /// Its parts' versions, as it says them.
    var version = ""
    /// It has no rule to refuse anything by: the origin itself.
    var judgesNothing = false
    /// Starts it with fresh state; nil for the origin, which is there already.
    let start: @Sendable () throws(BenchFailure) -> Program?

    /// The first line that a program says of its version.
    static func version(_ words: [String], in directory: ScratchDirectory) -> String {
        let said = (try? Program.run(words, in: directory)) ?? "?"
        return said.split(separator: "\n").first.map(String.init) ?? "?"
    }

    static func direct(_ site: Site) -> Peer {
        let route = Route(
            approach: .reverse, port: site.originPort, originPort: site.originPort, tls: site.originTLS)
        return Peer(name: "direct", secure: route, plain: nil, judgesNothing: true) { nil }
    }
}
