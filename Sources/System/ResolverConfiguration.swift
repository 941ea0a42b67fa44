import Glibc

/// What of `resolv.conf(5)` the library does not read itself, and whether the file is still the one that was read.
package struct ResolverConfiguration: Sendable {
    /// To the first answer of one name server; doubled with each round of them.
    package static let timeout: Int32 = 2_000
    /// Rounds of all name servers.
    package static let attempts: Int32 = 3

    package private(set) var timeout = ResolverConfiguration.timeout
    package private(set) var attempts = ResolverConfiguration.attempts
    /// Name servers, three at most as resolv.conf(5) has it; without any, the one of this machine.
    package private(set) var servers: [IPAddress] = []
    /// Domains that resolvers append to a name.
    package private(set) var search: [String] = []

    /// `options timeout:n attempts:n`, within the bounds that the manual page names.
    package init(reading text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.first == "nameserver", words.count > 1, servers.count < 3 {
                IPAddress(String(words[1])).map { servers.append($0) }
            }
            // The last of these lines counts.
            if words.first == "search" || words.first == "domain" { search = words.dropFirst().map { $0.lowercased() } }
            guard words.first == "options" else { continue }
            for word in words.dropFirst() {
                let parts = word.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, let value = Int32(parts[1]), value > 0 else { continue }
                if parts[0] == "timeout" { timeout = min(value, 30) * 1000 }
                if parts[0] == "attempts" { attempts = min(value, 5) }
            }
        }
        if servers.isEmpty { servers = [.v4(0x7F00_0001)] }
    }

    package init(file: String) {
        let bytes = (try? Files.read(file, limit: 1 << 20)) ?? []
        self.init(reading: String(decoding: bytes, as: UTF8.self))
    }

    /// Another one means that the file was changed or replaced.
    struct Stamp: Hashable {
        private let inode: UInt64
        private let size: Int64
        private let seconds: Int
        private let nanoseconds: Int

        /// Nil where there is no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }
}
