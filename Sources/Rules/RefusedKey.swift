/// Why a key that the language has is refused.
struct RefusedKey: Sendable {
    let code: Diagnostic.Code
    let message: String
    let help: String
}

extension RefusedKey {
    private static func later(_ key: String) -> RefusedKey {
        RefusedKey(
            code: .notInThisVersion, message: "\(key) is not in this version",
            help: "the pack is refused rather than read halfway; leave \(key) out")
    }

    static let inRules = Dictionary(
        uniqueKeysWithValues: ["schema", "agent_understands_202"].map { ($0, later($0)) })
}
