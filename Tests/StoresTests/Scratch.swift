import Calls
import Crypto
import Glibc
import Holds
import Testing

@testable import Stores

/// A directory of its own for a test, removed with everything in it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { Scratch.remove(path) }

    private static func remove(_ path: String) {
        for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }

    static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    static func mode(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// Whether any file in the directory contains these bytes.
    static func contains(_ needle: [UInt8], in path: String) throws -> Bool {
        for name in names(in: path) where mode(of: "\(path)/\(name)") == 0o600 {
            let bytes = try PrivateFile(reading: "\(path)/\(name)").read(at: 0, count: 1 << 22)
            if bytes.indices.contains(where: { bytes[$0...].starts(with: needle) }) { return true }
        }
        return false
    }
}

/// Holds for tests: each distinct unless told otherwise.
enum Sample {
    static let content = Content(bytes: Array("POST /v1/refunds amount=4200".utf8))
    static let now = Timestamp(milliseconds: 1_800_000_000_000)

    static func hold(
        session: String = "s", repeating: String? = nil, idempotency: String? = nil,
        terms: Terms = Terms(approvers: ["finance"], quorum: 2), created: Int64 = 0, expires: Int64 = 60_000
    ) -> Hold {
        let id = HoldID(random: SecureRandom.word())
        let key = SHA256.digest(Array((repeating ?? id.description).utf8))
        return Hold(
            id: id, session: SessionID(session), call: CallID("c_1"), digest: SHA256.digest(Array(id.description.utf8)),
            repeatKey: key, idempotency: idempotency.map { SHA256.digest(Array($0.utf8)) },
            created: now + Interval(milliseconds: created), facts: facts(terms: terms),
            expires: now + Interval(milliseconds: expires))
    }

    static func facts(
        summary: String = "refund 42 USD", terms: Terms = Terms(approvers: ["finance"], quorum: 2)
    ) -> Hold.Facts {
        Hold.Facts(
            method: "POST", target: "https://api.test/v1/refunds", principal: "nobody", tier: .irreversible,
            category: .financial, flags: [.injection, .budget], summaries: [summary], reason: "because",
            rules: ["stripe.money-out"], terms: terms, rulesDigest: "ab", bodyLength: 17)
    }

    static let decision = Decision(by: Operator(uid: 1000, name: "ada"), at: now, reason: "fine", isImmediate: true)
}
