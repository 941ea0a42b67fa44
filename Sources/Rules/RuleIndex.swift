import Calls
import JSON

/// From method, host, path and operation to the rules that may speak. All matches are collected.
///
/// Hosts are looked up whole (exact, then each parent of `**.x.y`); only patterns with `*` inside are walked label by
/// label. Paths and operations are tries. Every step is a look-up in the one table of edges, so the work grows with the
/// labels and segments of the call and with the patterns that fit them, not with the rules.
final class RuleIndex: Sendable {
    struct Entry: BitwiseCopyable, Sendable {
        let candidate: Candidate
        let methods: UInt64
    }

    struct Node: BitwiseCopyable, Sendable {
        /// The node after any label or segment.
        var any: Int32 = -1
        /// Wild hosts: the path trie for hosts that end here. Paths and operations: the list of what ends here.
        var closed: Int32 = -1
        /// The same for what ends here or goes on.
        var open: Int32 = -1
        /// Whether anything in the table of edges begins here: a look-up that finds nothing takes as long as any other.
        var hasEdges = false
    }

    /// A crowd on the way, to be asked for the value that the call has.
    struct Hit: BitwiseCopyable {
        let crowd: Int32
        let method: UInt64
    }

    /// What a walk finds.
    struct Catch: ~Copyable {
        var candidates = Candidates(filler: .none)
        var crowds = Shortlist<2, Hit>(filler: Hit(crowd: 0, method: 0))
    }

    /// Where the parts of the table begin.
    enum Root {
        static let exactHosts = 0
        static let openHosts = 1
        static let wildHosts = 2
        static let operations = 3
        static let count = operations + OperationPattern.Kind.allCases.count
    }

    private let nodes: [Node]
    private let entries: [Entry]
    private let lists: [Range<Int32>]
    /// Of each list, its crowds.
    private let crowdsOfList: [Range<Int32>]
    let crowds: [Crowd]
    private let edges: EdgeTable
    private let methods: MethodTable
    private let anyHost: Int
    /// A bit for each number of labels that a `**.x.y` has; the last stands for that many and more.
    private let openLabels: UInt64
    private let hasWildHosts: Bool

    init(_ rules: [Rule], orders: [UInt8]) {
        let builder = RuleIndexBuilder(rules, orders)
        nodes = builder.nodes
        edges = builder.edges
        crowds = builder.crowds
        crowdsOfList = builder.crowdsOfList
        methods = builder.methods
        anyHost = builder.anyHost
        openLabels = builder.openLabels
        let root = builder.nodes[Root.wildHosts]
        hasWildHosts = builder.hasWildHosts || root.any >= 0
        var (entries, lists): ([Entry], [Range<Int32>]) = ([], [])
        for list in builder.lists {
            lists.append(Int32(entries.count)..<Int32(entries.count + list.count))
            entries += list
        }
        (self.entries, self.lists) = (entries, lists)
    }

    /// The segments of a call, each hashed once, when the first node looks for it.
    private struct Path: ~Copyable {
        /// A trailing slash counts for nothing.
        let end: Int
        let method: UInt64
        private var hashes = InlineArray<8, UInt64>(repeating: 0)
        /// A bit for each of them that is there.
        private var known: UInt8 = 0

        init(_ segments: Span<Text>, method: UInt64) {
            self.method = method
            let count = segments.count
            end = count > 0 && segments[count - 1].isEmpty ? count - 1 : count
        }

        mutating func hash(_ index: Int, _ segment: Span<UInt8>) -> UInt64 {
            guard index < 8 else { return EdgeTable.hash(segment) }
            let bit: UInt8 = 1 << UInt8(truncatingIfNeeded: index)
            if known & bit == 0 {
                hashes[index] = EdgeTable.hash(segment)
                known |= bit
            }
            return hashes[index]
        }
    }

    /// The rules without an operation whose method, host and path fit; one that fits in several ways is there as often.
    func collect(
        method: borrowing Text, authority: borrowing Authority, segments: borrowing [Text], into found: inout Catch
    ) {
        let segments = segments.span
        var path = Path(segments, method: methods.bit(of: method))
        if anyHost >= 0 { walk(anyHost, &path, segments, from: 0, into: &found) }
        let host = authority.host.utf8.span
        let exact = edges.child(of: Root.exactHosts, host)
        if exact >= 0 { walk(exact, &path, segments, from: 0, into: &found) }
        guard !authority.isLiteral else { return }
        if openLabels != 0 { collectParents(host, &path, segments, into: &found) }
        if hasWildHosts { walkHost(Root.wildHosts, host, upTo: host.count, &path, segments, into: &found) }
    }

    /// The host itself and each of its parents, from the shortest.
    private func collectParents(
        _ host: Span<UInt8>, _ path: inout Path, _ segments: Span<Text>, into found: inout Catch
    ) {
        var labels: UInt64 = 0
        var start = host.count
        while start > 0 {
            start -= 1
            guard start == 0 || host[start - 1] == UInt8(ascii: ".") else { continue }
            labels += 1
            guard openLabels & (1 << min(labels, 63)) != 0 else { continue }
            let root = edges.child(of: Root.openHosts, host.extracting(start..<host.count))
            if root >= 0 { walk(root, &path, segments, from: 0, into: &found) }
        }
    }

    /// Follows every pattern that fits the labels left of `end`; -1 is when none are left. As deep as the trie is,
    /// which the limits of patterns bound.
    private func walkHost(
        _ index: Int, _ host: Span<UInt8>, upTo end: Int, _ path: inout Path, _ segments: Span<Text>,
        into found: inout Catch
    ) {
        let node = nodes[index]
        if node.open >= 0 { walk(Int(node.open), &path, segments, from: 0, into: &found) }
        guard end >= 0 else {
            if node.closed >= 0 { walk(Int(node.closed), &path, segments, from: 0, into: &found) }
            return
        }
        var start = end
        while start > 0, host[start - 1] != UInt8(ascii: ".") { start -= 1 }
        let child = edges.child(of: index, host.extracting(start..<end))
        if child >= 0 { walkHost(child, host, upTo: start - 1, &path, segments, into: &found) }
        if node.any >= 0 { walkHost(Int(node.any), host, upTo: start - 1, &path, segments, into: &found) }
    }

    /// Takes the entries of every template that fits the segments from `start` on.
    private func walk(
        _ index: Int, _ path: inout Path, _ segments: Span<Text>, from start: Int, into found: inout Catch
    ) {
        let node = nodes[index]
        if node.open >= 0 { take(node.open, path.method, into: &found) }
        guard start < path.end else {
            if node.closed >= 0 { take(node.closed, path.method, into: &found) }
            return
        }
        // Deeper than every template: what is open has been taken.
        guard start < PathTemplate.segmentLimit else { return }
        let child = node.hasEdges ? self.child(of: index, &path, segments, at: start) : -1
        if child >= 0 { walk(child, &path, segments, from: start + 1, into: &found) }
        if node.any >= 0 { walk(Int(node.any), &path, segments, from: start + 1, into: &found) }
    }

    private func child(of node: Int, _ path: inout Path, _ segments: Span<Text>, at index: Int) -> Int {
        let segment = segments[index].utf8.span
        return edges.child(of: node, segment, hash: path.hash(index, segment))
    }

    /// The rules for an operation of this name; whether host and path fit is still to be asked.
    func collect(operation: Operation, method: Text, into found: inout Catch) {
        guard let (kind, scope, name) = OperationPattern.naming(operation) else { return }
        let root = nodes[Root.operations + kind.rawValue]
        let bit = methods.bit(of: method)
        if root.any >= 0 { collect(name, kind, at: Int(root.any), bit, into: &found) }
        let child = edges.child(of: Root.operations + kind.rawValue, scope.utf8.span)
        if child >= 0 { collect(name, kind, at: child, bit, into: &found) }
    }

    private func collect(
        _ name: Text, _ kind: OperationPattern.Kind, at index: Int, _ method: UInt64,
        into found: inout Catch
    ) {
        if nodes[index].open >= 0 { take(nodes[index].open, method, into: &found) }
        let child: Int
        if kind.foldsCase {
            child = edges.child(ofFolded: name, at: index)
        } else {
            child = edges.child(of: index, name.utf8.span)
        }
        if child >= 0, nodes[child].closed >= 0 { take(nodes[child].closed, method, into: &found) }
    }

    private func take(_ list: Int32, _ method: UInt64, into found: inout Catch) {
        let crowds = crowdsOfList[Int(list)]
        if !crowds.isEmpty { for crowd in crowds { found.crowds.append(Hit(crowd: crowd, method: method)) } }
        let range = lists[Int(list)]
        for index in Int(range.lowerBound)..<Int(range.upperBound) where entries[index].methods & method != 0 {
            found.candidates.append(entries[index].candidate)
        }
    }
}

extension EdgeTable {
    /// The child under the name in small letters, without a copy of the name where it is of usual length.
    fileprivate func child(ofFolded name: Text, at node: Int) -> Int {
        let letters = name.utf8.span
        guard letters.count <= 64 else { return child(of: node, name.asciiLowercased.utf8.span) }
        var folded = InlineArray<64, UInt8>(repeating: 0)
        for index in letters.indices {
            let byte = letters[index]
            folded[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        return child(of: node, folded.span.extracting(0..<letters.count))
    }
}
