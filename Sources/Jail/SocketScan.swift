import Glibc
import System

/// Unix sockets that a program in a jail could connect to: their files do not know of network namespaces.
enum SocketScan {
    /// What a scan found below a directory.
    struct Found {
        var sockets: [String] = []
        /// Directories that cannot be looked into.
        var unreadable: [String] = []
    }

    /// Entries that a share may have; a share of more is refused, as nobody looked at the rest.
    static let limit = 4_000_000

    /// - Returns: nil where there is more than the limit.
    static func below(_ directory: String, without hidden: [String]) -> Found? {
        var found = Found()
        var waiting = [directory]
        var count = 0
        while let path = waiting.popLast() {
            guard let stream = opendir(path) else {
                if errno != ENOENT { found.unreadable.append(path) }
                continue
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                count += 1
                guard count <= limit else { return nil }
                let isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
                guard isDirectory || entry.pointee.d_type == UInt8(DT_SOCK) || entry.pointee.d_type == 0 else {
                    continue
                }
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                let child = "\(path)/\(name)"
                let mode =
                    entry.pointee.d_type == 0
                    ? (Paths.mode(of: child) ?? 0) & S_IFMT : isDirectory ? S_IFDIR : S_IFSOCK
                if mode == S_IFSOCK {
                    found.sockets.append(child)
                } else if mode == S_IFDIR, !hidden.contains(child) {
                    waiting.append(child)
                }
            }
        }
        return found
    }

    /// Those that programs of this machine listen on, wherever they are (/proc/net/unix).
    static func bound() -> [String] {
        guard let table = try? Files.read("/proc/net/unix") else { return [] }
        var paths: Set<String> = []
        for line in table.split(separator: 0x0A).dropFirst() {
            guard let slash = line.firstIndex(of: 0x2F) else { continue }
            // Abstract names begin with @.
            guard slash > line.startIndex, line[line.index(before: slash)] == 0x20 else { continue }
            if let path = Paths.real(String(decoding: line[slash...], as: UTF8.self)) { paths.insert(path) }
        }
        return paths.filter { path in Paths.mode(of: path).map { $0 & S_IFMT == S_IFSOCK } ?? false }.sorted()
    }
}
