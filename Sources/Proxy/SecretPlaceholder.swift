import Calls
import Crypto

/// What stands in a recording for a secret: a keyed hash, behind as much of the secret as its vendor documents to be no
/// secret, so that rules that tell test keys from live ones (`sk_test_…`) judge the recording as they judged the call.
struct SecretPlaceholder {
    static let word = Array("principal_".utf8)
    /// What is shorter is no secret that would be worth one, and may be a word of the text.
    static let shortest = 8

    let key: HMAC

    /// Beginnings of keys that say what kind of key it is and nothing else.
    static let beginnings: [[UInt8]] = [
        "github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "xoxb-", "xoxp-", "xoxa-", "xoxr-",
        "xapp-", "sk-ant-", "sk-proj-", "sk-", "SG.", "shpat_", "shpss_", "shpca_", "dop_v1_", "npm_", "pypi-", "hf_",
        "lin_api_", "ntn_", "secret_", "sbp_", "whsec_", "EAAA", "pk.", "dapi", "rnd_", "fo1_", "AIza", "ya29.", "eyJ",
        "key-", "pat-", "PMAK-", "NRAK-", "dckr_pat_", "hvs.", "hvb.", "GOCSPX-", "vercel_", "figd_", "cfut_",
    ].map { Array($0.utf8) }

    private static let modes = ["_test_", "_live_", "_sandbox_"].map { Array($0.utf8) }

    /// How much of a key is a documented beginning: `sk_test_`, `rzp_live_`, `ghp_`.
    static func beginning(of secret: ArraySlice<UInt8>) -> Int {
        if let known = beginnings.first(where: secret.starts) { return known.count }
        // Two to eight small letters and a mode, as Stripe began it and many do.
        let letters = secret.prefix(9).prefix { $0 &- 0x61 < 26 }.count
        guard 2...8 ~= letters else { return 0 }
        return modes.first { secret.dropFirst(letters).starts(with: $0) }.map { letters + $0.count } ?? 0
    }

    /// - Parameters:
    ///   - principal: whose credential it is, where that is known: the hash that the journal has.
    ///   - keepingMarks: adds which marks beside letters, digits and `_` the secret has, for conditions that look at what
    ///     a credential is made of.
    func bytes(for secret: ArraySlice<UInt8>, principal: String? = nil, keepingMarks: Bool = false) -> [UInt8] {
        let beginning = SecretPlaceholder.beginning(of: secret)
        let kept = secret.prefix(beginning < secret.count ? beginning : 0)
        let hash = principal ?? hexadecimal(key.authenticate(Array(secret)).bytes.prefix(8))
        var bytes = Array(kept) + SecretPlaceholder.word + Array(hash.utf8)
        if keepingMarks {
            bytes += Set(
                secret.dropFirst(kept.count).filter { !SecretPlaceholder.isWord($0) && $0 > 0x20 && $0 < 0x7F }
            )
            .sorted()
        }
        return bytes
    }

    static func isWord(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }
}
