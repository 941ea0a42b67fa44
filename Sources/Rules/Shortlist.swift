/// The few things that come up in one decision: a list without an allocation while it is short.
///
/// Every call makes some; an array took longer than all the rest of a decision.
struct Shortlist<let inlineLimit: Int, Element: BitwiseCopyable>: ~Copyable {
    private var first: InlineArray<inlineLimit, Element>
    private var rest: [Element] = []
    private(set) var count = 0

    /// - Parameter filler: what stands where nothing stands yet.
    init(filler: Element) { first = InlineArray(repeating: filler) }

    var isEmpty: Bool { count == 0 }

    subscript(index: Int) -> Element {
        get { index < inlineLimit ? first[index] : rest[index - inlineLimit] }
        set {
            if index < inlineLimit { first[index] = newValue } else { rest[index - inlineLimit] = newValue }
        }
    }

    mutating func append(_ element: Element) {
        if count < inlineLimit { first[count] = element } else { rest.append(element) }
        count += 1
    }

    mutating func removeAll() { truncate(to: 0) }

    mutating func truncate(to length: Int) {
        guard length < count else { return }
        count = length
        if !rest.isEmpty { rest.removeLast(rest.count - max(0, length - inlineLimit)) }
    }

    /// In place; by insertion while the list is short.
    mutating func sort(from start: Int = 0, by precedes: (Element, Element) -> Bool) {
        guard count <= inlineLimit else {
            let sorted = (start..<count).map { self[$0] }.sorted(by: precedes)
            for (offset, element) in sorted.enumerated() { self[start + offset] = element }
            return
        }
        var index = start + 1
        while index < count {
            let element = first[index]
            var place = index
            while place > start, precedes(element, first[place - 1]) {
                first[place] = first[place - 1]
                place -= 1
            }
            first[place] = element
            index += 1
        }
    }

    /// Keeps the elements that pass, in order.
    mutating func keep(where isKept: (Element) -> Bool) {
        var kept = 0
        for index in 0..<count where isKept(self[index]) {
            self[kept] = self[index]
            kept += 1
        }
        truncate(to: kept)
    }

    func contains(where isWanted: (Element) -> Bool) -> Bool {
        for index in 0..<count where isWanted(self[index]) { return true }
        return false
    }
}
