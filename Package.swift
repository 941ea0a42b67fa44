// swift-tools-version: 6.3
import PackageDescription

// The module table of the house: what a module may import is what it lists here, and
// InternalImportsByDefault with MemberImportVisibility hold each file to it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    // Checked at compile time, and at run time in every debug build and so in all tests; in the release build the checks
    // at run time took 55 calls for each request.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Modules without a clock, a socket or Foundation: bytes in, values out.
func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + [.strictMemorySafety()])
}

/// Modules that face the kernel or a C library.
func edge(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "tiergate",
    products: [
        .executable(name: "tiergate", targets: ["tiergate"]),
        .executable(name: "tiergate-bench", targets: ["tiergate-bench"]),
        .executable(name: "tiergate-fuzz", targets: ["tiergate-fuzz"]),
    ],
    targets: [
        .target(name: "CSystem"),
        // Counts what is asked of malloc, for the measurements.
        .target(name: "CAllocations"),
        .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        // Of its three libraries SwiftPM can ask for one; deploy/packages lists them all, and the module links them.
        .systemLibrary(
            name: "CCompression", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev", "libbrotli-dev", "libzstd-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("m")]),

        pure("JSON"),
        pure("CEL", ["JSON", "CRE2"]),
        pure("Calls", ["JSON"]),
        pure("Rules", ["CEL", "Calls", "JSON", "CYAML"]),
        pure("Wire", ["Calls", "JSON", "CCompression"]),
        pure("Names", ["Calls", "JSON"]),
        pure("Holds", ["Calls", "JSON"]),

        edge("System", ["CSystem", "CAres"]),
        edge("Crypto", ["Calls", "JSON", "COpenSSL"]),
        edge("Jail", ["System", "CSystem"]),
        edge("Trust", ["Crypto", "System", "Calls"]),
        edge("Stores", ["Holds", "Calls", "JSON", "System", "Crypto", "CSQLite"]),
        edge("Audit", ["Calls", "JSON", "System", "Crypto"]),
        edge("Client", ["Wire", "Calls", "JSON", "Crypto", "System"]),
        edge("Operators", ["Calls", "JSON", "Holds", "Audit", "Client", "Wire", "System"]),
        edge(
            "Proxy",
            ["Calls", "JSON", "Rules", "Wire", "Names", "Holds", "System", "Crypto", "Stores", "Audit", "Client"]),
        .executableTarget(
            name: "tiergate",
            dependencies: [
                "Calls", "CEL", "JSON", "Rules", "Wire", "Holds", "System", "Crypto", "Stores", "Audit", "Client",
                "Operators", "Proxy", "Trust", "Jail",
            ],
            swiftSettings: strict,
            // A fifth of the time that a program in a jail waits for its start went into finding Swift's own libraries.
            linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]),
        .executableTarget(
            name: "tiergate-bench",
            dependencies: [
                "Calls", "JSON", "Rules", "Wire", "Holds", "System", "Crypto", "Stores", "Audit", "Client", "Proxy",
                "Jail", "CSQLite", "CAllocations",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tiergate-fuzz",
            dependencies: [
                "Calls", "CEL", "JSON", "Rules", "Wire", "Holds", "System", "Crypto", "Stores", "Audit", "Operators",
                "Proxy", "Names", "HoldsTesting", "JSONReference",
            ],
            swiftSettings: strict),
        // Another reader of JSON (simdjson), which ours is compared with; nothing but the fuzz targets links it.
        .target(
            name: "JSONReference", path: "Tests/JSONReference", linkerSettings: [.linkedLibrary("simdjson")]),

        suite("JSONTests", ["JSON"]),
        suite("CELTests", ["CEL", "JSON"]),
        suite("CallsTests", ["Calls", "JSON"]),
        suite("NamesTests", ["Names", "Calls", "JSON"]),
        suite("RulesTests", ["Rules", "Calls", "JSON"]),
        .target(
            name: "WireTesting", dependencies: ["Wire", "Calls", "JSON"], path: "Tests/WireTesting",
            swiftSettings: strict),
        suite("WireTests", ["Wire", "WireTesting", "Calls", "JSON", "Rules"]),
        .target(
            name: "HoldsTesting", dependencies: ["Holds", "Calls", "JSON"], path: "Tests/HoldsTesting",
            swiftSettings: strict),
        suite("HoldsTests", ["Holds", "HoldsTesting", "Calls", "JSON"]),
        .target(
            name: "OperatorsTesting", dependencies: ["Operators", "Holds", "HoldsTesting", "Calls", "JSON", "System"],
            path: "Tests/OperatorsTesting", swiftSettings: strict),
        suite(
            "OperatorsTests",
            ["Operators", "OperatorsTesting", "Holds", "HoldsTesting", "Calls", "JSON", "System", "Client", "Wire"]),
        suite("FuzzTests", ["tiergate-fuzz"]),
        suite("JailTests", ["Jail", "CSystem", "System"]),
        suite("SystemTests", ["System"]),
        suite("ClientTests", ["Client", "Wire", "Calls", "JSON", "Crypto", "System"]),
        suite("CryptoTests", ["Crypto", "Calls", "JSON"]),
        suite("TrustTests", ["Trust", "Crypto", "Calls", "System"]),
        suite("StoresTests", ["Stores", "Holds", "HoldsTesting", "Calls", "JSON", "System", "Crypto"]),
        suite(
            "ProxyTests",
            [
                "Proxy", "Client", "Calls", "JSON", "Rules", "Wire", "Names", "Holds", "System", "Crypto", "Stores",
                "Audit",
            ]),
        suite("BenchTests", ["tiergate-bench"]),
        suite("AuditTests", ["Audit", "Calls", "JSON", "System", "Crypto"]),
        suite(
            "CommandTests",
            [
                "tiergate", "Client", "JSON", "Proxy", "Rules", "Stores", "System", "Operators", "OperatorsTesting",
                "Holds", "HoldsTesting", "Calls", "Trust", "Crypto",
            ]),
        // What the suite runs besides, in other languages, is no source of it.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["tiergate", "WireTesting", "Calls", "JSON", "Crypto", "Proxy", "Stores"],
            exclude: ["Clients"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
