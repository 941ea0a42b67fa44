/// Patterns of paths: `*` is anything without a '/', `**` anything, `?` one character that is no '/'.
enum Glob {
    static func matches(_ text: ByteString, _ pattern: ByteString) -> Bool {
        var (t, p) = (0, 0)
        // Where to go on when what comes after a star does not fit: with the star one character longer.
        var star: (t: Int, p: Int)?
        var wide: (t: Int, p: Int)?
        while true {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                if p + 1 < pattern.count, pattern[p + 1] == UInt8(ascii: "*") {
                    p += 2
                    wide = (t, p)
                    star = nil
                } else {
                    p += 1
                    star = (t, p)
                }
                continue
            }
            if t == text.count, p == pattern.count { return true }
            if t < text.count, p < pattern.count {
                if pattern[p] == UInt8(ascii: "?"), text[t] != UInt8(ascii: "/") {
                    t += text.length(at: t)
                    p += 1
                    continue
                }
                if pattern[p] == text[t], pattern[p] != UInt8(ascii: "?") {
                    t += 1
                    p += 1
                    continue
                }
            }
            if let last = star, last.t < text.count, text[last.t] != UInt8(ascii: "/") {
                star = (last.t + 1, last.p)
                (t, p) = (last.t + 1, last.p)
            } else if let last = wide, last.t < text.count {
                star = nil
                wide = (last.t + 1, last.p)
                (t, p) = (last.t + 1, last.p)
            } else {
                return false
            }
        }
    }
}

/// Paths as they are written: nothing is looked up, so links are not followed.
enum LexicalPath {
    /// Whether a path is a directory or something in it, with every `..` resolved. What could be read in another way
    /// (backslashes, NUL, a `..` above the root) is not.
    static func contains(_ directory: ByteString, _ path: ByteString) -> Bool {
        if isPlain(directory), isPlain(path) {
            guard path.hasPrefix(directory) else { return false }
            return path.count == directory.count || path[directory.count] == UInt8(ascii: "/")
        }
        guard let inner = parts(path), let outer = parts(directory), inner.isAbsolute == outer.isAbsolute else {
            return false
        }
        return inner.names.count >= outer.names.count && zip(inner.names, outer.names).allSatisfy { $0 == $1 }
    }

    /// An absolute path that is its own normal form.
    private static func isPlain(_ path: ByteString) -> Bool {
        guard path.count > 1, path[0] == UInt8(ascii: "/") else { return false }
        var last: UInt8 = 0
        for index in 0..<path.count {
            let byte = path[index]
            if byte == 0 || byte == UInt8(ascii: "\\") { return false }
            if last == UInt8(ascii: "/"), byte == last || byte == UInt8(ascii: ".") { return false }
            last = byte
        }
        return last != UInt8(ascii: "/")
    }

    private static func parts(_ path: ByteString) -> (isAbsolute: Bool, names: [ArraySlice<UInt8>])? {
        guard !path.isEmpty, !path.slice.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\\") }) else { return nil }
        var names: [ArraySlice<UInt8>] = []
        for name in path.slice.split(separator: UInt8(ascii: "/")) {
            if name.elementsEqual([0x2E]) { continue }
            if name.elementsEqual([0x2E, 0x2E]) {
                guard names.popLast() != nil else { return nil }
            } else {
                names.append(name)
            }
        }
        return (path[0] == UInt8(ascii: "/"), names)
    }
}

/// Names of hosts, and what addresses of mail have of them.
enum DomainName {
    /// Whether a host is a domain or in it: `api.example.com` is in `example.com`, `notexample.com` is not.
    static func isWithin(_ host: ByteString, _ domain: ByteString) -> Bool {
        let (inner, outer) = (canonical(host), canonical(domain))
        guard !outer.isEmpty, outer.first != UInt8(ascii: "."), inner.count >= outer.count,
            inner.suffix(outer.count).elementsEqual(outer)
        else { return false }
        return inner.count == outer.count || inner[inner.count - outer.count - 1] == UInt8(ascii: ".")
    }

    /// The domain of an address of mail; nil where it is not one address and nothing else.
    static func ofAddress(_ address: ByteString) -> ByteString? {
        let parts = address.slice.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            !address.slice.contains(where: { $0 <= 0x20 || $0 == 0x7F || "<>,;:\"()[]\\".utf8.contains($0) })
        else { return nil }
        let domain = canonical(ByteString(Array(parts[1])))
        return domain.isEmpty ? nil : ByteString(domain)
    }

    private static func canonical(_ name: ByteString) -> [UInt8] {
        var bytes = name.slice.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return bytes
    }
}
