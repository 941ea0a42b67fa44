import Calls
import JSON

/// From method, host and path to the rules that may speak: one trie over host labels (from the right) and path
/// segments, all of whose matches are collected.
///
/// The work grows with the labels and segments of the call and with the patterns that fit them, not with the rules.
struct RuleIndex: Sendable {
    struct Entry: Sendable {
        let rule: Int
        /// Which of the rule's templates matched.
        let path: Int
        fileprivate let methods: UInt64
    }

    private struct Node: Sendable {
        /// The node after any label or segment.
        var any = -1
        /// Hosts: the path trie for hosts that end here. Paths: the entries for paths that end here.
        var closed = -1
        /// The same for what ends here or goes on.
        var open = -1
    }

    private var nodes = [Node()]
    private var lists: [[Entry]] = []
    private var edges = EdgeTable()
    private var methods: [Text] = []

    /// The last bit stands for every method that no rule names.
    private static let otherMethod: UInt64 = 1 << 63
    static let methodLimit = 63

    init(_ rules: [Rule]) {
        for (number, rule) in rules.enumerated() {
            let mask = mask(of: rule.match.methods)
            for host in rule.match.hosts {
                let paths = pathRoot(host)
                for (place, path) in rule.match.paths.enumerated() {
                    insert(Entry(rule: number, path: place, methods: mask), path, at: paths)
                }
            }
        }
    }

    /// The rules whose method, host and path fit, each once, with the first of its templates that does.
    func candidates(method: Text, host: [Text], segments: [Text]) -> [Entry] {
        let wanted = bit(of: method)
        var path = segments[...]
        if path.last?.isEmpty == true { path.removeLast() }
        var found: [Entry] = []
        walk(0, host[...]) { root in
            walk(root, path) { list in
                for entry in lists[list] where entry.methods & wanted != 0 { found.append(entry) }
            }
        }
        guard found.count > 1 else { return found }
        found.sort { ($0.rule, $0.path) < ($1.rule, $1.path) }
        var last = -1
        return found.filter { entry in
            defer { last = entry.rule }
            return entry.rule != last
        }
    }

    /// Visits what is reached by these labels. As deep as the trie is, which the limits of patterns bound.
    private func walk(_ index: Int, _ labels: ArraySlice<Text>, _ visit: (Int) -> Void) {
        let node = nodes[index]
        if node.open >= 0 { visit(node.open) }
        guard let label = labels.first else {
            if node.closed >= 0 { visit(node.closed) }
            return
        }
        if let child = edges.child(of: index, label) { walk(child, labels.dropFirst(), visit) }
        if node.any >= 0 { walk(node.any, labels.dropFirst(), visit) }
    }

    private mutating func pathRoot(_ host: HostPattern) -> Int {
        var index = 0
        for label in host.labels {
            switch label {
            case .literal(let text): index = child(of: index, text)
            case .any: index = anyChild(of: index)
            }
        }
        let known = host.isOpen ? nodes[index].open : nodes[index].closed
        guard known < 0 else { return known }
        let root = addNode()
        if host.isOpen { nodes[index].open = root } else { nodes[index].closed = root }
        return root
    }

    private mutating func insert(_ entry: Entry, _ path: PathTemplate, at root: Int) {
        var index = root
        for segment in path.segments {
            switch segment {
            case .literal(let text): index = child(of: index, text)
            case .any: index = anyChild(of: index)
            }
        }
        let known = path.isOpen ? nodes[index].open : nodes[index].closed
        if known >= 0 { return lists[known].append(entry) }
        if path.isOpen { nodes[index].open = lists.count } else { nodes[index].closed = lists.count }
        lists.append([entry])
    }

    private mutating func child(of index: Int, _ label: Text) -> Int {
        if let child = edges.child(of: index, label) { return child }
        let child = addNode()
        edges.insert(node: index, label, child: child)
        return child
    }

    private mutating func anyChild(of index: Int) -> Int {
        if nodes[index].any < 0 { nodes[index].any = addNode() }
        return nodes[index].any
    }

    private mutating func addNode() -> Int {
        nodes.append(Node())
        return nodes.count - 1
    }

    private mutating func mask(of names: [Text]) -> UInt64 {
        guard !names.isEmpty else { return .max }
        return names.reduce(0) { mask, name in
            if let known = methods.firstIndex(of: name) { return mask | 1 << UInt64(known) }
            guard methods.count < Self.methodLimit else { return mask | Self.otherMethod }
            methods.append(name)
            return mask | 1 << UInt64(methods.count - 1)
        }
    }

    /// Without regard to ASCII case: a server refuses `delete` or takes it for `DELETE`, never for a third thing.
    private func bit(of method: Text) -> UInt64 {
        let method = method.asciiUppercased
        return methods.firstIndex(of: method).map { 1 << UInt64($0) } ?? Self.otherMethod
    }
}

/// (node, label) to child: open addressing, at most half full, compared whole on a hit.
private struct EdgeTable: Sendable {
    private struct Edge: Sendable {
        let node: Int
        let label: Text
        let child: Int
    }

    private var slots: [Edge?] = Array(repeating: nil, count: 64)
    private var count = 0

    func child(of node: Int, _ label: Text) -> Int? {
        var slot = hash(node, label) & (slots.count - 1)
        while let edge = slots[slot] {
            if edge.node == node, edge.label == label { return edge.child }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    mutating func insert(node: Int, _ label: Text, child: Int) {
        if (count + 1) * 2 > slots.count {
            let old = slots
            slots = Array(repeating: nil, count: old.count * 2)
            for edge in old { if let edge { place(edge) } }
        }
        place(Edge(node: node, label: label, child: child))
        count += 1
    }

    private mutating func place(_ edge: Edge) {
        var slot = hash(edge.node, edge.label) & (slots.count - 1)
        while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = edge
    }

    /// FNV-1a. Only rule authors put labels in, so a call can find a crowded place but cannot make one.
    private func hash(_ node: Int, _ label: Text) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: node) &* 0x9E37_79B9_7F4A_7C15
        for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
