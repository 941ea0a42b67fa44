import Foundation
import Glibc
import Testing

/// The files of `deploy/`, as far as they can be checked without a service manager, a cluster or a container engine.
@Suite struct DeploymentTests {
    private static let deploy = Place.root.appendingPathComponent("deploy").path
    private static let analyze = "/usr/bin/systemd-analyze"
    private static let nft = Place.system("nft")
    private static let kubectl = Place.system("kubectl")
    private static let packer = Place.system("dpkg-deb")

    /// The units with programs that are there in the place of those that a package installs.
    private func units(_ scratch: Scratch) throws -> [String] {
        let directory = "\(Self.deploy)/systemd"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasSuffix(".service") || $0.hasSuffix(".socket") }
        return try names.sorted().map { name in
            let text = try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
                .replacing("/usr/lib/tiergate/agent-network", with: "\(directory)/agent-network")
                .replacing("/usr/bin/tiergate", with: Place.tiergate)
            return try scratch.write("units/\(name)", text)
        }
    }

    @Test(
        "systemd understands every unit, and has nothing to remark",
        .enabled(if: Place.has(analyze), "there is no systemd-analyze"))
    func unitsAreUnderstood() async throws {
        let scratch = try Scratch()
        let files = try units(scratch)
        #expect(files.count == 5)
        // An agent of a name: a template by itself is not loaded.
        let loaded = files.map { $0.replacing("@.", with: "@mailer.") }
        for (file, instance) in zip(files, loaded) where file != instance {
            try FileManager.default.copyItem(atPath: file, toPath: instance)
        }
        let ended = try await run(
            Self.analyze, ["verify", "--man=no", "--recursive-errors=no"] + loaded,
            environment: ["SYSTEMD_UNIT_PATH": scratch.file("units") + ":"])
        let remarks = ended.errors.split(separator: "\n").filter { $0.contains("tiergate") }
        #expect(ended.status == 0 && remarks.isEmpty, "\(ended.errors)")
    }

    @Test(
        "a unit exposes no more of the machine than it has to, by systemd's own score",
        .enabled(if: Place.has(analyze), "there is no systemd-analyze"),
        arguments: [
            // In tenths: what is left is that the gate has a network, and sees whose the other accounts are.
            ("tiergate.service", 13), ("tiergate-agent@.service", 12), ("tiergate-agent-rules.service", 14),
            // Root with two capabilities, and no mounts of its own, or nobody would see the namespaces that it names.
            ("tiergate-agent-network@.service", 41),
        ])
    func exposure(unit: String, threshold: Int) async throws {
        let file = "\(Self.deploy)/systemd/\(unit)"
        let words = ["security", "--no-pager", "--offline=true", "--threshold=\(threshold)", file]
        let ended = try await run(Self.analyze, words)
        let score = ended.output.split(separator: "\n").last { $0.contains("exposure") } ?? ""
        #expect(ended.status == 0, "\(score)\(ended.errors)")
        let stricter = ["security", "--no-pager", "--offline=true", "--threshold=\(threshold - 1)", file]
        #expect(try await run(Self.analyze, stricter).status != 0, "\(score): it may be held to less than \(threshold)")
    }

    @Test("the settings that are installed have only keys that there are", arguments: ["", "kubernetes/base/"])
    func settings(directory: String) async throws {
        let file = "\(Self.deploy)/\(directory)tiergate.yaml"
        let ended = try await run(Place.tiergate, ["serve", "--config", file, "--print-config"])
        #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
    }

    @Test(
        "the pod, the policy about its neighbours and the Compose file say what they have to",
        .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)))
    func documents() async throws {
        let scratch = try Scratch()
        try scratch.write("tiergate.yaml", "state: \(scratch.file("state"))\nrules: [\(Place.rules)]\n")
        let told = try await run(
            Place.tiergate, ["ca", "env", "--json", "--config", scratch.file("tiergate.yaml")])
        // The proxy is not said: connections are led to the gate.
        let names = try Document(told.output)["environment"].members.map(\.0).filter {
            !$0.lowercased().hasSuffix("_proxy") && $0 != "NODE_USE_ENV_PROXY"
        }
        let checked = try await run(
            Place.python, [Place.script("deployment.py"), Self.deploy, names.joined(separator: ",")])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }

    @Test(
        "kustomize makes what it has to of the base and of the policy",
        .enabled(if: Place.has(kubectl), "there is no kubectl"),
        arguments: [("base", "kind: Deployment"), ("policy", "kind: ValidatingAdmissionPolicyBinding")])
    func kustomize(directory: String, made: String) async throws {
        let ended = try await run(Self.kubectl, ["kustomize", "\(Self.deploy)/kubernetes/\(directory)"])
        #expect(ended.status == 0 && ended.output.contains(made), "\(ended.errors)")
    }

    static let rules = ((try? FileManager.default.contentsOfDirectory(atPath: deploy)) ?? [])
        .filter { $0.hasSuffix(".nft") }.sorted()

    @Test(
        "nft takes the packet rules",
        .enabled(if: !rules.isEmpty && geteuid() == 0 && Place.has(nft), "no rules, no nft, or not root"),
        arguments: rules)
    func packets(name: String) async throws {
        // In a network of its own: the check asks the kernel, and the kernel's own rules are not ours.
        let ended = try await run(
            "/usr/bin/unshare", ["--net", Self.nft, "--check", "--file", "\(Self.deploy)/\(name)"])
        #expect(ended.status == 0, "\(ended.errors)")
    }

    @Test(
        "the package has the program, units, rules and settings, runs without Swift, and leaves the record when it goes",
        .enabled(if: built != nil && Place.has(packer), "deploy/prove package builds it"))
    func package() async throws {
        let scratch = try Scratch()
        let file = try #require(Self.built)
        let contents = try await run(Self.packer, ["--contents", file]).output
        for path in [
            "./usr/bin/tiergate", "./lib/systemd/system/tiergate.service", "./lib/systemd/system/tiergate.socket",
            "./usr/lib/sysusers.d/tiergate.conf", "./usr/lib/tmpfiles.d/tiergate.conf", "./etc/tiergate/tiergate.yaml",
            "./usr/lib/tiergate/agent-network", "./usr/share/tiergate/rules/stripe/stripe.yaml",
            "./usr/share/tiergate/rules/GRANTS",
            "./usr/share/bash-completion/completions/tiergate",
        ] { #expect(contents.contains(" \(path)\n"), "\(path) is not in the package") }
        for line in contents.split(separator: "\n") { #expect(line.contains(" root/root "), "\(line)") }
        let info = try await run(Self.packer, ["--info", file]).output
        #expect(info.contains("Package: tiergate") && !info.contains("@VERSION@"), "\(info)")
        #expect(try await !run(Self.packer, ["--info", file, "postrm"]).output.contains("rm -r"))

        let tree = scratch.file("tree")
        #expect(try await run(Self.packer, ["--extract", file, tree]).status == 0)
        let program = "\(tree)/usr/bin/tiergate"
        let linked = try await run("/usr/bin/ldd", [program]).output
        #expect(!linked.contains("libswift") && !linked.contains("not found"), "\(linked)")
        let checked = try await run(program, ["rules", "check", "\(tree)/usr/share/tiergate/rules"])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }

    @Test(
        "the package and the image bring every library that the program is linked to",
        .enabled(if: Place.has("/usr/bin/dpkg-query") && Place.has("/usr/bin/readelf"), "there is no dpkg or readelf"))
    func libraries() async throws {
        let control = try String(contentsOfFile: "\(Self.deploy)/debian/control", encoding: .utf8)
        let depends = try #require(control.split(separator: "\n").first { $0.hasPrefix("Depends: ") })
        let named = depends.dropFirst(9).split(separator: ",").map {
            String($0.drop { $0 == " " }.prefix { $0 != " " })
        }
        let image = try #require(
            try String(contentsOfFile: "\(Self.deploy)/Dockerfile", encoding: .utf8).split(separator: "FROM ").last)
        // The distribution's own image has these.
        let words = image.split { $0 == " " || $0 == "\n" }.map(String.init) + ["libc6", "libgcc-s1"]
        let needed = try await run("/usr/bin/readelf", ["-d", Place.tiergate]).output.split(separator: "\n")
            .filter { $0.contains("(NEEDED)") }.compactMap { $0.split { $0 == "[" || $0 == "]" }.dropFirst().first }
        #expect(needed.count > 5)
        for library in needed where !library.hasPrefix("libswift") && !library.hasPrefix("ld-") {
            let owners = try await run("/usr/bin/dpkg-query", ["--search", "*/\(library)"]).output
                .split(separator: "\n").map { String($0.prefix { $0 != ":" }) }
            #expect(
                owners.contains(where: named.contains), "\(library) of \(owners) is in no dependency of the package")
            #expect(owners.contains(where: words.contains), "\(library) of \(owners) is not in the image")
        }
    }

    private static let built = ProcessInfo.processInfo.environment["TIERGATE_PACKAGE"]
}
