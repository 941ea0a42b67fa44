import JSON

/// A rule that an import proposes, with what a person has to look at.
struct RuleProposal: Hashable {
    enum Weight: Hashable {
        case tier(Int)
        case category(String)

        var tier: Int {
            switch self {
            case .tier(let tier): tier
            case .category: 4
            }
        }
    }

    /// A call that the rule is for, as its test makes one.
    enum Call: Hashable {
        case http(method: String, host: String, segments: [String])
        case tool(server: String, name: String)

        /// Under which rules that may fit it are found.
        var keys: [String] {
            switch self {
            case .http(let method, _, let segments):
                ["\(method) \(segments.count) /\(segments.last ?? "")", "\(method) \(segments.count) *"]
            case .tool(_, let name): [name]
            }
        }
    }

    /// After the pack's name and a dot.
    var id: String
    var title: String?
    var weight: Weight
    var ground: String
    /// More to look at, a line each.
    var remarks: [String] = []
    /// What stands under `match`, written already.
    var match: String
    var when: String?
    var methods: [String] = []
    var hosts: [HostPattern] = []
    var paths: [PathTemplate] = []
    /// What the path of a call must end with besides.
    var suffix: String?
    /// What reads are grouped by.
    var resource = ""
    /// Hosts where they are not those of the pack.
    var ownHosts: [String]?
    var call: Call?

    /// What calls of the rule are found by; one that tells nothing of its paths is for its own call.
    var keys: Set<String> {
        guard !paths.isEmpty else { return call.map { [$0.keys[0]] } ?? [] }
        return Set(
            methods.flatMap { method in
                paths.map { path in
                    guard case .literal(let last)? = path.segments.last else {
                        return "\(method) \(path.segments.count) \(path.segments.isEmpty ? "/" : "*")"
                    }
                    return "\(method) \(path.segments.count) /\(last)"
                }
            })
    }

    /// Whether the rule matches another rule's call as well.
    func fits(_ call: Call) -> Bool {
        guard case .http(let method, let host, let segments) = call, !paths.isEmpty else { return call == self.call }
        let labels = host.split(separator: ".").reversed().map { Text(String($0)) }
        let path = segments.map { Text($0) }
        return methods.contains(method) && hosts.contains { $0.matches(labels) }
            && paths.contains { $0.matches(path) } && (suffix.map { segments.last?.hasSuffix($0) == true } ?? true)
    }

    /// What an operation proposes by its words.
    ///
    /// What no word and no method explains stays where calls that no rule knows are: an import lowers nothing by itself
    /// but reads, drafts and archives.
    ///
    /// - Parameters:
    ///   - names: the words of the operation's own name, those that count most first.
    ///   - tail: the words at the end of the path.
    static func weigh(
        isRead: Bool, isDelete: Bool, names: [String], tail: [String], collection: String? = nil
    ) -> (weight: Weight, ground: String) {
        let first = names.first
        if isRead {
            guard let first, let (family, _) = WordFamily.naming([first]) else { return (.tier(1), "it reads") }
            return (family.weight, "it reads by its method, and its name says \(first)")
        }
        if isDelete { return (.category("deletion"), "the method deletes") }
        let ends = tail.last ?? ""
        let seemsRead =
            (first.map(WordFamily.reads.contains) ?? false || WordFamily.reads.contains(ends))
            && !(names + tail).contains(where: WordFamily.writes.contains)
        let alarm = WordFamily.naming(names + tail)
        let family =
            alarm?.family
            ?? collection.flatMap { name in
                WordFamily.allCases.first { $0.collections.contains(name) }
            }
        if let family {
            let word = alarm?.word ?? collection ?? ""
            if seemsRead { return (.tier(3), "it seems to read, and its name says \(word)") }
            if WordFamily.drafts.isDisjoint(with: names + tail) || family == .deletion {
                return (family.weight, "its name says \(word)")
            }
            return (.tier(3), "it seems to be about a draft, and its name says \(word)")
        }
        if seemsRead { return (.tier(1), "a write by its method, and its name says that it reads") }
        if let word = (names + tail).first(where: WordFamily.drafts.contains) {
            return (.tier(2), "its name says \(word)")
        }
        return (.tier(3), "it writes; 2 if it stays inside and can be undone, 4 if it cannot")
    }
}
