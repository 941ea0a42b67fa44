/// Patterns of paths: `*` is anything without a '/', `**` anything, `?` one character that is no '/'.
enum Glob {
    /// Nil where stars make it look at the text more often than `limit` allows.
    static func matches(_ text: ByteString, _ pattern: ByteString, limit: Int) -> Bool? {
        var work = 0
        var (t, p) = (0, 0)
        // Where to go on when what comes after a star does not fit: with the star one character longer.
        var star: (t: Int, p: Int)?
        var wide: (t: Int, p: Int)?
        while work <= limit {
            work += 1
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
                t = last.t + text.length(at: last.t)
                p = last.p
                star = (t, p)
            } else if let last = wide, last.t < text.count {
                star = nil
                t = last.t + text.length(at: last.t)
                p = last.p
                wide = (t, p)
            } else {
                return false
            }
        }
        return nil
    }
}
