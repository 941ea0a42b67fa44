import Glibc
import System

/// Measurements by name (`tiergate-bench store`): each prints its figures with what they are compared with.
@main
enum Main {
    static let benches: [(name: String, summary: String, run: @Sendable ([String]) -> CInt)] = [
        ("proxy", "the gate beside HAProxy, nginx, Envoy, Squid and mitmproxy", ProxyBench.run),
        ("waiting", "thousands of held calls that wait at the same time", WaitingBench.run),
        ("decision", "from an operator's approval to the call's first byte upstream", DecisionBench.run),
        ("holds", "a held call that a person changed, until it is judged again", EditBench.run),
        ("rules", "a decision, by rules and by conditions on one route, beside other evaluators", RulesBench.run),
        ("jail", "connecting out of a jail, beside plain loopback", JailBench.run),
        ("store", "durable holds a second, lists and restarts of a full store", StoreBench.run),
    ]

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let name = arguments.first, let bench = benches.first(where: { $0.name == name }) else {
            StandardError.write("usage: tiergate-bench NAME [arguments]\n")
            for bench in benches { StandardError.write("  \(bench.name)  \(bench.summary)\n") }
            exit(2)
        }
        exit(bench.run(Array(arguments.dropFirst())))
    }
}
