import JSON

/// Puts rules into the tables.
struct RuleIndexBuilder {
    private(set) var nodes = [RuleIndex.Node](repeating: RuleIndex.Node(), count: RuleIndex.Root.count)
    private(set) var lists: [[RuleIndex.Entry]] = []
    /// Of each list, the crowds that were taken out of it.
    private(set) var crowdsOfList: [Range<Int32>] = []
    private(set) var crowds: [Crowd] = []
    private(set) var edges = EdgeTable()
    private(set) var methods = MethodTable()
    private(set) var anyHost = -1
    private(set) var openLabels: UInt64 = 0
    private(set) var hasWildHosts = false

    init(_ rules: [Rule], _ orders: [UInt8]) {
        for (number, rule) in rules.enumerated() {
            let mask =
                rule.match.methods.isEmpty
                ? .max : rule.match.methods.reduce(0) { $0 | methods.bit(naming: $1) }
            func entry(_ path: Int) -> RuleIndex.Entry {
                RuleIndex.Entry(candidate: Candidate(order: orders[number], rule: number, path: path), methods: mask)
            }
            if let pattern = rule.match.operation {
                insert(entry(0), pattern)
                continue
            }
            for host in rule.match.hosts {
                let root = pathRoot(host)
                for (place, path) in rule.match.paths.enumerated() { insert(entry(place), path, at: root) }
            }
        }
        gather(rules)
    }

    /// Takes rules that ask for the same value out of lists where there are many of them.
    private mutating func gather(_ rules: [Rule]) {
        for index in lists.indices {
            let first = Int32(crowds.count)
            if lists[index].count > Crowd.threshold {
                var groups: [Fact: [Crowd.Member]] = [:]
                var rest: [RuleIndex.Entry] = []
                for entry in lists[index] {
                    let rule = rules[entry.candidate.rule]
                    // A rule that is still to be asked for its route or name cannot be found by a value alone.
                    if rule.match.operation?.isWhole(in: rule.match) ?? true, let (fact, need) = rule.conditions.need {
                        groups[fact, default: []].append(Crowd.Member(entry: entry, need: need))
                    } else {
                        rest.append(entry)
                    }
                }
                for (fact, members) in groups {
                    if members.count > Crowd.threshold {
                        crowds.append(Crowd(fact, members))
                    } else {
                        rest += members.map(\.entry)
                    }
                }
                lists[index] = rest
            }
            crowdsOfList.append(first..<Int32(crowds.count))
        }
    }

    private mutating func pathRoot(_ host: HostPattern) -> Int {
        if host == .every {
            if anyHost < 0 { anyHost = addNode() }
            return anyHost
        }
        if let name = host.plainName {
            guard host.isOpen else { return child(of: RuleIndex.Root.exactHosts, name) }
            openLabels |= 1 << UInt64(min(host.labels.count, 63))
            return child(of: RuleIndex.Root.openHosts, name)
        }
        hasWildHosts = true
        var index = RuleIndex.Root.wildHosts
        for label in host.labels {
            switch label {
            case .literal(let text): index = child(of: index, text)
            case .any: index = anyChild(of: index)
            }
        }
        let known = host.isOpen ? nodes[index].open : nodes[index].closed
        guard known < 0 else { return Int(known) }
        let root = addNode()
        if host.isOpen { nodes[index].open = Int32(root) } else { nodes[index].closed = Int32(root) }
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
        append(entry, at: index, isOpen: path.isOpen)
    }

    /// Under each scope; a name with `*` under the scope itself, where the rule is asked whether it fits.
    private mutating func insert(_ entry: RuleIndex.Entry, _ pattern: OperationPattern) {
        let root = RuleIndex.Root.operations + pattern.kind.rawValue
        let scopes = pattern.scopes.isEmpty ? [anyChild(of: root)] : pattern.scopes.map { child(of: root, $0) }
        for scope in scopes {
            if pattern.names.isEmpty || pattern.names.contains(where: { !$0.isExact }) {
                append(entry, at: scope, isOpen: true)
            } else {
                for name in pattern.names { append(entry, at: child(of: scope, name.core), isOpen: false) }
            }
        }
    }

    private mutating func append(_ entry: RuleIndex.Entry, at index: Int, isOpen: Bool) {
        let known = isOpen ? nodes[index].open : nodes[index].closed
        if known >= 0 { return lists[Int(known)].append(entry) }
        if isOpen { nodes[index].open = Int32(lists.count) } else { nodes[index].closed = Int32(lists.count) }
        lists.append([entry])
    }

    private mutating func child(of index: Int, _ label: Text) -> Int {
        let known = edges.child(of: index, label.utf8.span)
        if known >= 0 { return known }
        let child = addNode()
        edges.insert(node: index, label, child: child)
        nodes[index].hasEdges = true
        return child
    }

    private mutating func anyChild(of index: Int) -> Int {
        if nodes[index].any < 0 { nodes[index].any = Int32(addNode()) }
        return Int(nodes[index].any)
    }

    private mutating func addNode() -> Int {
        nodes.append(RuleIndex.Node())
        return nodes.count - 1
    }
}

extension OperationPattern {
    /// Whether its place in the index says all that its rule asks of a call besides conditions.
    fileprivate func isWhole(in match: Rule.Match) -> Bool {
        match.hosts == [.every] && match.paths == [.every] && names.allSatisfy(\.isExact)
    }
}
