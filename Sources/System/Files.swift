import Glibc

/// Reading what people put on disk: settings, rules, recorded calls.
package enum Files {
    /// All of a file; `limit` bytes at most, so that a wrong path cannot fill the memory.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(IOError) -> [UInt8] {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { throw .system("open \(path)", errno) }
        let file = FileDescriptor(owning: raw)
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file.raw, &piece, piece.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("read \(path)", errno)
            }
            guard content.count + count <= limit else { throw .system("read \(path)", EFBIG) }
            content.append(contentsOf: piece[..<count])
        }
    }

    /// Directories below each other that are looked into; links are not followed, so that there is no circle.
    package static let depth = 8

    /// Files below `directory` with one of these endings, sorted; a file is its own list.
    package static func list(_ directory: String, endings: [String]) throws(IOError) -> [String] {
        var found: [String] = []
        try collect(directory, endings, depth, into: &found, isTop: true)
        return found.sorted()
    }

    private static func collect(
        _ path: String, _ endings: [String], _ depth: Int, into found: inout [String], isTop: Bool
    ) throws(IOError) {
        var status = stat()
        guard (isTop ? stat(path, &status) : lstat(path, &status)) == 0 else { throw .system("stat \(path)", errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            if isTop || status.st_mode & S_IFMT == S_IFREG && endings.contains(where: path.hasSuffix) {
                found.append(path)
            }
            return
        }
        guard depth > 0 else { throw .system("read \(path)", ELOOP) }
        guard let stream = opendir(path) else { throw .system("opendir \(path)", errno) }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix(".") else { continue }
            try collect("\(path)/\(name)", endings, depth - 1, into: &found, isTop: false)
        }
    }

    /// Makes a directory, and what leads to it; one that is there already stays as it is.
    package static func makeDirectory(_ path: String, mode: UInt32, group: UInt32? = nil) throws(IOError) {
        var made = path.hasPrefix("/") ? "" : "."
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            made += "/\(part)"
            guard mkdir(made, index == parts.count - 1 ? mode : 0o755) == 0 else {
                if errno == EEXIST || exist(made) { continue }
                throw .system("mkdir \(made)", errno)
            }
            if index == parts.count - 1, let group, chown(made, geteuid(), group) != 0 {
                throw .system("chown \(made)", errno)
            }
        }
    }

    /// Removes a file or a directory with all that is in it; links are removed, not followed.
    package static func remove(_ path: String) {
        remove(path, depth: depth)
    }

    private static func remove(_ path: String, depth: Int) {
        var status = stat()
        guard depth > 0, lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { remove("\(path)/\(name)", depth: depth - 1) }
        }
        _ = Glibc.remove(path)
    }

    /// Makes a directory that nobody else can enter, under a name that nobody else has, in `parent` or else where temporary
    /// files go.
    package static func makeTemporaryDirectory(_ name: String, in parent: String? = nil) throws(IOError) -> String {
        let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .system("make a directory in \(parent)", errno) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What changes when files with these endings below a directory do: names, sizes, times and inodes in one number.
    package static func fingerprint(_ directory: String, endings: [String]) throws(IOError) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 ^ hash >> 29 }
        for path in try list(directory, endings: endings) {
            var status = stat()
            guard stat(path, &status) == 0 else { throw .system("stat \(path)", errno) }
            for byte in path.utf8 { add(UInt64(byte)) }
            add(UInt64(bitPattern: Int64(status.st_size)))
            add(UInt64(bitPattern: Int64(status.st_mtim.tv_sec)))
            add(UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)))
            add(UInt64(status.st_ino))
        }
        return hash
    }

    /// What changes when a file does: its place, size and times. Nil where there is none, or one that changed within the
    /// last two seconds: a further change might have the same date.
    package static func settledDates(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let changed = max(status.st_mtim.tv_sec, status.st_ctim.tv_sec)
        guard changed + 2 < time(nil) else { return nil }
        return "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
            + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }

    /// What is directly in a directory, sorted; nothing where it cannot be read.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    /// Whether there is something at this path.
    package static func exist(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The path with every link in it followed; nil where there is nothing.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Puts a whole file in the place of another or of none: whoever opens it finds one of the two.
    package static func replace(_ path: String, with content: [UInt8], mode: UInt32 = 0o644) throws(IOError) {
        let draft = "\(path).\(UInt64.random(in: .min ... .max))"
        let raw = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw .system("make a file beside \(path)", errno) }
        let file = FileDescriptor(owning: raw)
        defer { unlink(draft) }
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write \(path)", count < 0 ? errno : ENOSPC) }
            written += count
        }
        guard fchmod(file.raw, mode) == 0, fsync(file.raw) == 0 else { throw .system("write \(path)", errno) }
        guard rename(draft, path) == 0 else { throw .system("replace \(path)", errno) }
    }

    /// Whether a directory belongs to this account or root, and nobody else may write into it.
    package static func isOwn(_ directory: String) -> Bool {
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        return [0, geteuid()].contains(status.st_uid) && status.st_mode & 0o022 == 0
    }

    /// Whether a file belongs to this account or root, and nobody else may write it.
    package static func isOwnFile(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return [0, geteuid()].contains(status.st_uid) && status.st_mode & 0o022 == 0
    }
}
