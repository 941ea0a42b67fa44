import Glibc

/// Absolute paths without links, as mounts need them.
package enum Paths {
    /// With every link followed; nil where there is nothing.
    package static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Also where only its directory is there yet.
    package static func realOrFuture(_ path: String) -> String {
        if let resolved = real(path) { return resolved }
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return path }
        return realOrFuture(String(path[..<slash])) + path[slash...]
    }

    /// A path as it is meant in a directory.
    package static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }

    /// Whether one path is the other, or below it.
    static func contains(_ outer: String, _ inner: String) -> Bool {
        outer == "/" || inner == outer || inner.hasPrefix(outer + "/")
    }

    static func mode(of path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : nil
    }

    static func isDirectory(_ path: String) -> Bool { mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false }

    package static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// The directories that lead from `outer` down to `inner`, from the top.
    package static func between(_ outer: String, _ inner: String) -> [String] {
        guard contains(outer, inner), outer != inner else { return [] }
        var path = outer == "/" ? "" : outer
        return inner.dropFirst(path.count).split(separator: "/").map { part in
            path += "/\(part)"
            return path
        }
    }
}
