import JSON

/// Puts rules into the trie.
struct RuleIndexBuilder {
    private(set) var nodes = [RuleIndex.Node()]
    private(set) var lists: [[RuleIndex.Entry]] = []
    private(set) var edges = EdgeTable()
    private(set) var methods: [Text] = []

    init(_ rules: [Rule]) {
        for (number, rule) in rules.enumerated() {
            let mask = mask(of: rule.match.methods)
            for host in rule.match.hosts {
                let paths = pathRoot(host)
                for (place, path) in rule.match.paths.enumerated() {
                    insert(RuleIndex.Entry(rule: number, path: place, methods: mask), path, at: paths)
                }
            }
        }
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

    private mutating func insert(_ entry: RuleIndex.Entry, _ path: PathTemplate, at root: Int) {
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
        let known = edges.child(of: index, label.utf8.span)
        if known >= 0 { return known }
        let child = addNode()
        edges.insert(node: index, label, child: child)
        return child
    }

    private mutating func anyChild(of index: Int) -> Int {
        if nodes[index].any < 0 { nodes[index].any = addNode() }
        return nodes[index].any
    }

    private mutating func addNode() -> Int {
        nodes.append(RuleIndex.Node())
        return nodes.count - 1
    }

    private mutating func mask(of names: [Text]) -> UInt64 {
        guard !names.isEmpty else { return .max }
        return names.reduce(0) { mask, name in
            if let known = methods.firstIndex(of: name) { return mask | 1 << UInt64(known) }
            guard methods.count < RuleIndex.methodLimit else { return mask | RuleIndex.otherMethod }
            methods.append(name)
            return mask | 1 << UInt64(methods.count - 1)
        }
    }
}
