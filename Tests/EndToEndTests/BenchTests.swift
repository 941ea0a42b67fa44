import Foundation
import Testing

@Suite struct BenchTests {
    private static let bench = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("tiergate-bench").path
    private static let isPossible =
        Place.has(bench) && Place.has(Place.openssl)
        && ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].contains(where: Place.has)

    @Test(
        "the comparison with other proxies measures the gate under every load",
        .enabled(if: isPossible, "nginx, its origin, is missing"))
    func proxy() async throws {
        let scratch = try Scratch()
        let ended = try await Running(
            Self.bench,
            [
                "proxy", "--runs", "1", "--seconds", "0.1", "--peers", "none", "--idle", "20", "--tiergate",
                Place.tiergate, "--json", scratch.file("figures.json"), "--directory", scratch.path,
            ]
        ).finish(within: 120)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.contains("RATIOS"))
        let figures = try Document(String(decoding: scratch.read("figures.json"), as: UTF8.self))
        #expect(figures["notes"].elements.isEmpty, "\(ended.output)")
        let measured = Set(figures["figures"].elements.filter { $0["peer"].string == "gate" }.map { $0["load"].string })
        #expect(
            measured == [
                "c32", "c1", "c32_post", "c32_100k", "new_connections", "fresh_names", "idle_tls", "idle_plain",
            ])
    }

    @Test(
        "the measurements of waiting calls, of decisions and of the store end with figures",
        .enabled(if: isPossible, "nginx, their origin, is missing"),
        arguments: [
            (["waiting", "--calls", "100", "--seconds", "0.1"], "memory of a waiting call"),
            (["decision", "--calls", "20"], "first byte"),
            (["store", "--burst", "500", "--pending", "1000", "--concurrency", "64"], "restart"),
        ])
    func short(words: [String], figure: String) async throws {
        let scratch = try Scratch()
        let place =
            words[0] == "store" ? ["--directory", scratch.path] : ["--tiergate", Place.tiergate]
        let ended = try await Running(Self.bench, words + place).finish(within: 120)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.contains(figure), "\(ended.output)")
    }

    @Test("the measurement of edits ends with figures", .enabled(if: Place.has(bench), "it was not built"))
    func edits() async throws {
        let ended = try await Running(Self.bench, ["holds", "--rounds", "20", "--rules", "100"]).finish(within: 120)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.contains("judged again"), "\(ended.output)")
    }
}
