/// The word that was probably meant: the nearest of `known` within a third of its length in slips of the keyboard.
package func suggestion(for word: String, among known: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().utf8.prefix(64))
    var best: (distance: Int, word: String)?
    for candidate in known {
        let slips = distance(typed, Array(candidate.lowercased().utf8))
        if slips <= max(1, min(typed.count, candidate.utf8.count) / 3), slips < best?.distance ?? .max {
            best = (slips, candidate)
        }
    }
    return best?.word
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
