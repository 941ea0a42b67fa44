import CEL
import JSON

/// Many rules on one route that compare the same value with constants: found by that value, not one after the other.
final class Crowd: Sendable {
    /// Rules on one route and value from which an index is worth it.
    static let threshold = 32

    enum Key: Hashable {
        case string(ByteString)
        case int(Int64)
        case bool(Bool)

        init?(_ value: Value) {
            switch value {
            case .string(let string): self = .string(string)
            case .int(let int): self = .int(int)
            case .bool(let bool): self = .bool(bool)
            default: return nil
            }
        }
    }

    /// What a rule needs the value to be.
    enum Need {
        case equal(Key)
        case within(ClosedRange<Int64>)
        /// A range without a number in it.
        case never
    }

    struct Member {
        let entry: RuleIndex.Entry
        let need: Need
    }

    let fact: Fact
    private let equal: [Key: [RuleIndex.Entry]]
    /// By the lower end, for a search that leaves out where every upper end is too low.
    private let ranges: [(range: ClosedRange<Int64>, entry: RuleIndex.Entry)]
    private let highest: [Int64]
    /// Those that compare by size: what is no number is an error for them.
    private let sized: [RuleIndex.Entry]
    private let all: [RuleIndex.Entry]

    init(_ fact: Fact, _ members: [Member]) {
        self.fact = fact
        all = members.map(\.entry)
        var equal: [Key: [RuleIndex.Entry]] = [:]
        var ranges: [(range: ClosedRange<Int64>, entry: RuleIndex.Entry)] = []
        var sized: [RuleIndex.Entry] = []
        for member in members {
            switch member.need {
            case .equal(let key): equal[key, default: []].append(member.entry)
            case .within(let range):
                ranges.append((range, member.entry))
                sized.append(member.entry)
            case .never: sized.append(member.entry)
            }
        }
        ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
        (self.equal, self.ranges, self.sized) = (equal, ranges, sized)
        highest = Self.tree(ranges.map(\.range.upperBound))
    }

    /// The rules that may speak for a value: those that compare true, and all for which comparing is an error.
    func collect(_ value: Value, _ method: UInt64, into found: inout Candidates) {
        guard let key = Key(value) else { return take(all, method, into: &found) }
        if !equal.isEmpty, let entries = equal[key] { take(entries, method, into: &found) }
        guard !sized.isEmpty else { return }
        guard case .int(let number) = key else { return take(sized, method, into: &found) }
        stab(number, 1, 0..<ranges.count, method, into: &found)
    }

    private func take(_ entries: [RuleIndex.Entry], _ method: UInt64, into found: inout Candidates) {
        for entry in entries where entry.methods & method != 0 { found.append(entry.candidate) }
    }

    /// The ranges of a part of the table that hold a number; `node` is the part's place in the tree.
    private func stab(
        _ number: Int64, _ node: Int, _ part: Range<Int>, _ method: UInt64, into found: inout Candidates
    ) {
        guard !part.isEmpty, highest[node] >= number, ranges[part.lowerBound].range.lowerBound <= number else { return }
        guard part.count > 1 else {
            let (_, entry) = ranges[part.lowerBound]
            if entry.methods & method != 0 { found.append(entry.candidate) }
            return
        }
        let middle = part.lowerBound + part.count / 2
        stab(number, node * 2, part.lowerBound..<middle, method, into: &found)
        stab(number, node * 2 + 1, middle..<part.upperBound, method, into: &found)
    }

    /// The highest upper end of every part, the halves of a part at twice its place.
    private static func tree(_ values: [Int64]) -> [Int64] {
        var tree = [Int64](repeating: .min, count: max(2, 4 * values.count))
        func fill(_ node: Int, _ part: Range<Int>) -> Int64 {
            if part.count == 1 {
                tree[node] = values[part.lowerBound]
            } else if !part.isEmpty {
                let middle = part.lowerBound + part.count / 2
                tree[node] = max(
                    fill(node * 2, part.lowerBound..<middle), fill(node * 2 + 1, middle..<part.upperBound))
            }
            return tree[node]
        }
        _ = fill(1, 0..<values.count)
        return tree
    }
}

extension Conditions {
    /// A value that must be right for the rule to speak, and how; nil where the rule has to be asked anyway.
    var need: (fact: Fact, need: Crowd.Need)? {
        // A binding that fails makes the rule speak, whatever `when` comes to.
        guard bindings.isEmpty, let guards = when?.program.guards else { return nil }
        let usable = guards.filter { facts[$0.slot].isOneForAll }
        if let equality = usable.first(where: { $0.relation == .equal && Crowd.Key($0.constant) != nil }),
            let key = Crowd.Key(equality.constant)
        {
            return (facts[equality.slot], .equal(key))
        }
        guard let first = usable.first(where: { $0.bounds != nil }) else { return nil }
        var range: ClosedRange<Int64>? = .min ... .max
        for other in usable where other.slot == first.slot {
            guard let bounds = other.bounds else { continue }
            range = range.flatMap { whole in
                bounds.flatMap { bound in
                    let (low, high) = (max(whole.lowerBound, bound.lowerBound), min(whole.upperBound, bound.upperBound))
                    return low <= high ? low...high : nil
                }
            }
        }
        return (facts[first.slot], range.map(Crowd.Need.within) ?? .never)
    }
}

extension Guard {
    /// The numbers for which it holds, nil inside where there are none; nil where it does not compare numbers by size.
    fileprivate var bounds: ClosedRange<Int64>?? {
        guard case .int(let number) = constant else { return .none }
        switch relation {
        case .less: return .some(number == .min ? nil : .min...(number - 1))
        case .lessOrEqual: return .some(.min...number)
        case .greater: return .some(number == .max ? nil : (number + 1) ... .max)
        case .greaterOrEqual: return .some(number ... .max)
        case .equal, .notEqual: return .none
        }
    }
}

extension Fact {
    /// The same for every rule that fits a call, and cheap to look up.
    fileprivate var isOneForAll: Bool {
        switch self {
        case .body(let path), .form(let path), .arguments(let path), .variables(let path): !path.isEmpty
        case .query, .operation: true
        case .request(let part): part != .query && part != .headers
        case .requestQuery, .requestHeader, .parameter, .agent, .session, .now, .binding, .nothing: false
        }
    }
}
