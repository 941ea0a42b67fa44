import Foundation
import Glibc

/// Network namespaces of these tests: an agent's, the world's, and between the two the host's where the variant has one. Gone
/// with the last who holds them.
final class Network {
    /// Where the agent is, where the gate is, and where everything else is.
    let agent: String
    let gate: String
    let world: String
    /// The addresses of the link to the world, and of the agent.
    static let worldAddress = "10.99.0.1"
    static let agentAddress = "10.99.0.2"

    static let ip = Place.system("ip")
    static let nft = Place.system("nft")
    private static let setpriv = "/usr/bin/setpriv"
    /// Programs that another account may run.
    static let python = "/usr/bin/python3"
    static let isPossible = geteuid() == 0 && [ip, nft, setpriv, python].allSatisfy(Place.has)
    static let isImpossible =
        "only root makes network namespaces, and iproute2, nftables, setpriv and /usr/bin/python3 are needed"

    /// - Parameter isApart: the agent has a namespace of its own, and the gate stands between it and the world.
    init(isApart: Bool) async throws {
        let mark = String(UUID().uuidString.prefix(6)).lowercased()
        agent = "tga-\(mark)"
        gate = isApart ? "tgh-\(mark)" : agent
        world = "tgw-\(mark)"
        for name in isApart ? [agent, gate, world] : [agent, world] {
            try await ip("netns", "add", name)
            try await ip("-n", name, "link", "set", "lo", "up")
        }
        if isApart {
            try await link(agent, "eth0", "10.98.0.2/24", "fd98::2/64", gate, "agent0", "10.98.0.1/24", "fd98::1/64")
            try await ip("-n", agent, "route", "add", "default", "via", "10.98.0.1")
            try await ip("-n", agent, "-6", "route", "add", "default", "via", "fd98::1")
        }
        try await link(
            gate, isApart ? "eth1" : "eth0", "10.99.0.2/24", "fd99::2/64", world, "eth0", "10.99.0.1/24", "fd99::1/64")
        try await ip("-n", gate, "route", "add", "default", "via", Network.worldAddress)
        try await ip("-n", gate, "-6", "route", "add", "default", "via", "fd99::1")
        for name in isApart ? [agent, gate] : [agent] {
            // `ip netns exec` puts these files over those of /etc.
            try FileManager.default.createDirectory(atPath: "/etc/netns/\(name)", withIntermediateDirectories: true)
            try "nameserver \(Network.worldAddress)\noptions timeout:3 attempts:1\n".write(
                toFile: "/etc/netns/\(name)/resolv.conf", atomically: false, encoding: .utf8)
        }
        // Whatever comes from the agent's side and is for nothing that a gate calls there.
        try await nft(
            """
            table inet seen {
              counter stray {}
              chain input {
                type filter hook input priority 0; policy accept;
                tcp flags syn tcp dport != { 53, 443, 8080 } counter name stray
                udp dport != 53 counter name stray
              }
            }
            """, in: world)
    }

    deinit {
        for name in Set([agent, gate, world]) {
            spawnAndWait(Network.ip, ["netns", "del", name])
            try? FileManager.default.removeItem(atPath: "/etc/netns/\(name)")
        }
    }

    private func spawnAndWait(_ program: String, _ arguments: [String]) {
        guard let running = try? Running(program, arguments) else { return }
        while !running.hasEnded { usleep(2000) }
    }

    private func link(
        _ one: String, _ name: String, _ v4: String, _ v6: String, _ other: String, _ otherName: String,
        _ otherV4: String, _ otherV6: String
    ) async throws {
        try await ip("-n", one, "link", "add", name, "type", "veth", "peer", "name", otherName, "netns", other)
        for (space, link, four, six) in [(one, name, v4, v6), (other, otherName, otherV4, otherV6)] {
            try await ip("-n", space, "addr", "add", four, "dev", link)
            try await ip("-n", space, "addr", "add", six, "dev", link, "nodad")
            try await ip("-n", space, "link", "set", link, "up")
        }
    }

    // MARK: Programs

    private func ip(_ words: String...) async throws {
        let ended = try await run(Network.ip, words)
        guard ended.status == 0 else { throw Failed(description: "ip \(words): \(ended.errors)") }
    }

    private func nft(_ rules: String, in space: String) async throws {
        let file = "/tmp/tiergate-\(UUID().uuidString).nft"
        try rules.write(toFile: file, atomically: false, encoding: .utf8)
        defer { unlink(file) }
        let ended = try await run(Network.ip, ["netns", "exec", space, Network.nft, "-f", file])
        guard ended.status == 0 else { throw Failed(description: "nft: \(ended.errors)") }
    }

    /// Packets of the agent that reached the world for nothing that a gate calls there.
    var strays: Int {
        get async throws {
            let words = ["netns", "exec", world, Network.nft, "list", "counter", "inet", "seen", "stray"]
            let listed = try await run(Network.ip, words).output
            guard let count = listed.split(separator: "packets ").dropFirst().first?.prefix(while: \.isNumber) else {
                throw Failed(description: "no counter: \(listed)")
            }
            return Int(count) ?? -1
        }
    }

    /// What runs a program in a namespace, under an account without any capability but `capability`.
    static func launcher(in space: String, as uid: Int, capability: String? = nil) -> [String] {
        let identity = ["--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"]
        let rights =
            capability.map {
                ["--inh-caps", "-all,+\($0)", "--ambient-caps", "-all,+\($0)", "--bounding-set", "-all,+\($0)"]
            }
            ?? ["--bounding-set", "-all", "--no-new-privs"]
        return [ip, "netns", "exec", space, setpriv] + identity + rights
    }

    func start(
        in space: String, as uid: Int, _ program: String, _ arguments: [String], capability: String? = nil
    ) throws -> Running {
        let words = Network.launcher(in: space, as: uid, capability: capability) + [program] + arguments
        return try Running(words[0], Array(words.dropFirst()))
    }

    /// As root.
    func start(in space: String, _ program: String, _ arguments: [String]) throws -> Running {
        try Running(Network.ip, ["netns", "exec", space, program] + arguments)
    }
}
