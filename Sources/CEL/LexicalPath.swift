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
