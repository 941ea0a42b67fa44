package import Calls
import Crypto
import Glibc
package import Holds

/// An agent that proves itself with a token, by the token's hash: the token itself is kept nowhere.
package struct AgentToken: Hashable, Sendable {
    package let agent: AgentID
    package let digest: Digest
    /// When it was made; empty where the settings name it.
    package let created: String

    package init(agent: AgentID, digest: Digest, created: String = "") {
        self.agent = agent
        self.digest = digest
        self.created = created
    }

    /// Bytes that a token has at least: less can be guessed.
    package static let shortest = 24
    /// And at most.
    package static let longest = 256

    /// What the gate hands out: 256 random bits, with a beginning that scanners for secrets can look for.
    package static func draw() -> String { "tgt_" + hexadecimal(SecureRandom.bytes(32)) }

    /// Whether a text can be an agent's name. `uid-…` are accounts, `at-…` addresses that agents call from, and `unproven` is
    /// nobody.
    package static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), !text.hasPrefix("uid-"), !text.hasPrefix("at-"), text != "unproven",
            text != "everything"
        else { return false }
        return bytes.first != 0x2D
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    /// The content of a file with a token of the site's own, which nobody but the gate's account may read.
    package static func digest(ofFile path: String) throws(StoreFailure) -> Digest {
        var bytes = try PrivateFile(reading: path).read(at: 0, count: longest + 2)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard (shortest...longest).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .damaged(
                reason: "\(path) must have one token of \(shortest) to \(longest) visible characters and nothing else")
        }
        return SHA256.digest(bytes)
    }
}

/// The agents that `tiergate agents` made, one a line in the state directory: name, SHA-256 of the token, when.
package struct AgentFile: Sendable {
    /// Agents in one file.
    package static let limit = 1000

    private let directory: StateDirectory
    private static let name = "agents"

    package init(in directory: StateDirectory) { self.directory = directory }

    package var path: String { directory.file(AgentFile.name) }

    /// Another one after each change; nil where there is no file.
    package var version: Version? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Version(inode: status.st_ino, seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    package struct Version: Hashable, Sendable {
        let inode: ino_t
        let seconds: Int
        let nanoseconds: Int
    }

    package func read() throws(StoreFailure) -> [AgentToken] {
        guard version != nil else { return [] }
        let bytes = try PrivateFile(reading: path).read(at: 0, count: AgentFile.limit * 200)
        var tokens: [AgentToken] = []
        for (number, line) in bytes.split(separator: 0x0A).enumerated() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 3, AgentToken.isName(String(words[0])), let digest = Digest(hexadecimal: words[1]),
                tokens.count < AgentFile.limit
            else {
                throw .damaged(reason: "\(path) line \(number + 1) is none of an agent's; `tiergate agents` writes it")
            }
            tokens.append(AgentToken(agent: AgentID(words[0]), digest: digest, created: String(words[2])))
        }
        return tokens
    }

    /// Makes an agent; false where there is one of this name.
    package func add(_ token: AgentToken) throws(StoreFailure) -> Bool {
        try change { tokens throws(StoreFailure) in
            guard !tokens.contains(where: { $0.agent == token.agent }) else { return false }
            guard tokens.count < AgentFile.limit else {
                throw .unavailable(reason: "\(path) has \(AgentFile.limit) agents; remove some first")
            }
            tokens.append(token)
            return true
        }
    }

    /// Takes an agent's token away; false where there is none of this name.
    package func remove(_ agent: AgentID) throws(StoreFailure) -> Bool {
        try change { tokens throws(StoreFailure) in
            let count = tokens.count
            tokens.removeAll { $0.agent == agent }
            return tokens.count < count
        }
    }

    private func change(_ edit: (inout [AgentToken]) throws(StoreFailure) -> Bool) throws(StoreFailure) -> Bool {
        let lock = try FileLock(
            directory.file("agents.lock"), orElse: "somebody else is changing \(path) now; try again")
        defer { lock.release() }
        var tokens = try read()
        guard try edit(&tokens) else { return false }
        let lines = tokens.map { "\($0.agent) \($0.digest) \($0.created)\n" }.joined()
        try directory.write(Array(lines.utf8), to: AgentFile.name, replacing: true)
        return true
    }
}
