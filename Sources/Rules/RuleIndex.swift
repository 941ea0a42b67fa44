import Calls
import JSON

/// From method, host and path to the rules that may speak: one trie over host labels (from the right) and path
/// segments, all of whose matches are collected.
///
/// The work grows with the labels and segments of the call and with the patterns that fit them, not with the rules.
/// A class, so that walking it copies nothing.
final class RuleIndex: Sendable {
    struct Entry: Sendable {
        let rule: Int
        /// Which of the rule's templates matched.
        let path: Int
        let methods: UInt64
    }

    struct Node: Sendable {
        /// The node after any label or segment.
        var any = -1
        /// Hosts: the path trie for hosts that end here. Paths: the list of entries for paths that end here.
        var closed = -1
        /// The same for what ends here or goes on.
        var open = -1
    }

    private let nodes: [Node]
    private let lists: [[Entry]]
    private let edges: EdgeTable
    private let methods: [Text]

    /// The last bit stands for every method that no rule names.
    static let otherMethod: UInt64 = 1 << 63
    static let methodLimit = 63

    init(_ rules: [Rule]) {
        let builder = RuleIndexBuilder(rules)
        nodes = builder.nodes
        lists = builder.lists
        edges = builder.edges
        methods = builder.methods
    }

    /// The rules whose method, host and path fit, each once, in order, with the first of its templates that does.
    func candidates(method: Text, authority: Authority, segments: [Text]) -> [Entry] {
        let host = authority.host.utf8.span
        // A trailing slash counts for nothing.
        let end = segments.last?.isEmpty == true ? segments.count - 1 : segments.count
        let path = Path(segments: segments, end: end, method: bit(of: method))
        var found: [Entry] = []
        walkHost(0, host, upTo: host.count, isLiteral: authority.isLiteral, path, into: &found)
        return isInOrder(found) ? found : inOrder(found)
    }

    private struct Path {
        let segments: [Text]
        let end: Int
        let method: UInt64
    }

    private func isInOrder(_ entries: [Entry]) -> Bool {
        for index in entries.indices.dropFirst() where entries[index - 1].rule >= entries[index].rule { return false }
        return true
    }

    private func inOrder(_ entries: [Entry]) -> [Entry] {
        var last = -1
        return entries.sorted { ($0.rule, $0.path) < ($1.rule, $1.path) }.filter { entry in
            defer { last = entry.rule }
            return entry.rule != last
        }
    }

    /// Follows every pattern that fits the labels left of `end`; -1 is when none are left. As deep as the trie is,
    /// which the limits of patterns bound.
    private func walkHost(
        _ index: Int, _ host: Span<UInt8>, upTo end: Int, isLiteral: Bool, _ path: borrowing Path,
        into found: inout [Entry]
    ) {
        let node = nodes[index]
        if node.open >= 0 { walkPath(node.open, path, from: 0, into: &found) }
        guard end >= 0 else {
            if node.closed >= 0 { walkPath(node.closed, path, from: 0, into: &found) }
            return
        }
        var start = isLiteral ? 0 : end
        while start > 0, host[start - 1] != UInt8(ascii: ".") { start -= 1 }
        let child = edges.child(of: index, host.extracting(start..<end))
        if child >= 0 { walkHost(child, host, upTo: start - 1, isLiteral: isLiteral, path, into: &found) }
        if node.any >= 0 { walkHost(node.any, host, upTo: start - 1, isLiteral: isLiteral, path, into: &found) }
    }

    /// Takes the entries of every template that fits the segments from `start` on.
    private func walkPath(_ index: Int, _ path: borrowing Path, from start: Int, into found: inout [Entry]) {
        let node = nodes[index]
        if node.open >= 0 { take(node.open, path.method, into: &found) }
        guard start < path.end else {
            if node.closed >= 0 { take(node.closed, path.method, into: &found) }
            return
        }
        let child = edges.child(of: index, path.segments[start].utf8.span)
        if child >= 0 { walkPath(child, path, from: start + 1, into: &found) }
        if node.any >= 0 { walkPath(node.any, path, from: start + 1, into: &found) }
    }

    private func take(_ list: Int, _ method: UInt64, into found: inout [Entry]) {
        for entry in lists[list] where entry.methods & method != 0 { found.append(entry) }
    }

    /// Without regard to ASCII case: a server refuses `delete` or takes it for `DELETE`, never for a third thing.
    private func bit(of method: Text) -> UInt64 {
        let method = method.asciiUppercased
        return methods.firstIndex(of: method).map { 1 << UInt64($0) } ?? Self.otherMethod
    }
}
